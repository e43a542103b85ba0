"""The guidance document, made once."""

import pytest

from dcc_analytics.render.guidance.contents import guidance
from dcc_analytics.render.guidance.document import Document
from dcc_analytics.render.guidance.pdf import pdf
from dcc_analytics.render.pdf.fonts import FontFolder
from dcc_analytics.render.pdf.pack import PackPdf


@pytest.fixture(scope="session")
def document() -> Document:
    return guidance("1.2.3")


@pytest.fixture(scope="session")
def paged(document: Document, fonts: FontFolder) -> PackPdf:
    return pdf(document, fonts)
