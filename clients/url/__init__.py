"""URLs by the WHATWG standard, on ada, the parser inside Node.

python -m clients.url '../b?x=1' --base http://example.com/a/ --set hash=top --param append,x,2
"""

from clients.url.names import domain_to_ascii, domain_to_unicode, file_url_to_path, path_to_file_url
from clients.url.parts import Parts, URLError, change, http_options, parse
from clients.url.search import SearchParams, edited

__all__ = [
    "Parts",
    "SearchParams",
    "URLError",
    "change",
    "domain_to_ascii",
    "domain_to_unicode",
    "edited",
    "file_url_to_path",
    "http_options",
    "parse",
    "path_to_file_url",
]
