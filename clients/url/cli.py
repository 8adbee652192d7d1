"""`python -m clients.url URL`: takes a URL apart, changes it, and prints what it is then."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from clients.pipe import piped
from clients.url.names import domain_to_ascii, domain_to_unicode, file_url_to_path, path_to_file_url
from clients.url.parts import URLError, change, http_options
from clients.url.search import SearchParams, edited


@piped
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0, or 1 with one line on stderr for what is no URL."""
    options = _parser().parse_args(arguments)
    try:
        result = _run(options)
    except URLError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    text = json.dumps(result, indent=2, ensure_ascii=False) if isinstance(result, dict) else str(result)
    sys.stdout.write(text + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m clients.url", description="Take a URL apart.")
    parser.add_argument("text", metavar="URL", help="a URL; with one of the --to options a domain or path")
    parser.add_argument("--base", help="what a relative URL is relative to")
    parser.add_argument("--set", action="append", default=[], metavar="PART=VALUE", help="in order")
    parser.add_argument("--param", action="append", default=[], metavar="METHOD,ARGUMENT…", help="in order")
    parser.add_argument("--to", choices=("ascii", "unicode", "file-url", "file-path", "http-options"))
    return parser


def _run(options: argparse.Namespace) -> object:
    match options.to:
        case "ascii":
            return domain_to_ascii(options.text)
        case "unicode":
            return domain_to_unicode(options.text)
        case "file-url":
            return path_to_file_url(options.text).href
        case "file-path":
            return file_url_to_path(options.text)
    pairs = [(name, value) for name, _, value in (item.partition("=") for item in options.set)]
    parts = change(options.text, pairs, options.base)
    parts, results = edited(
        parts, [(method, words) for method, *words in (s.split(",") for s in options.param)]
    )
    if options.to == "http-options":
        return http_options(parts)
    described: dict[str, object] = {**asdict(parts), "searchParams": list(SearchParams(parts.search))}
    return {**described, "results": results} if results else described
