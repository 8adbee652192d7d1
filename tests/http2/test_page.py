"""The page of HTTP/2 cases is what the table says today."""

from __future__ import annotations

import pytest

from tests.http2.page import PAGE, page


@pytest.mark.role("h2c")
def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.http2.page"
