"""The page of syntax cases is what the table says today."""

from __future__ import annotations

import pytest

from tests.http1.page import PAGE, page


@pytest.mark.role("http1")
def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.http1.page"
