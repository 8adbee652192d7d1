"""The matrix as JUnit XML: a suite for each implementation of each role."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from lab.matrix.model import Matrix, Outcome, Run, Test

# Characters that XML 1.0 cannot hold, whatever a server sent back.
_FORBIDDEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF), "\N{REPLACEMENT CHARACTER}")


def render(matrix: Matrix) -> str:
    """The document."""
    root = ET.Element("testsuites", name="wireyard matrix", time=str(matrix.seconds))
    for run in matrix.runs:
        root.append(_suite(run))
    return ET.tostring(root, encoding="unicode", xml_declaration=True)


def _suite(run: Run) -> ET.Element:
    bad = run.counts.get(Outcome.FAILED, 0) + run.counts.get(Outcome.STALE, 0)
    suite = ET.Element("testsuite", name=f"{run.role}={run.implementation}", time=str(run.seconds))
    suite.set("tests", str(len(run.tests)))
    suite.set("failures", str(bad))
    suite.set("errors", str(int(bool(run.finding))))
    if run.finding:
        case = ET.SubElement(
            suite, "testcase", name="trust gate", classname=f"{run.role}.{run.implementation}"
        )
        ET.SubElement(case, "error", message=_clean(run.finding))
    for test in run.tests:
        suite.append(_case(run, test))
    return suite


def _case(run: Run, test: Test) -> ET.Element:
    case = ET.Element("testcase", name=_clean(test.id), time=str(test.seconds))
    case.set("classname", f"{run.role}.{run.implementation}")
    if test.outcome in {Outcome.FAILED, Outcome.STALE}:
        note = test.explanation or str(test.outcome)
        ET.SubElement(case, "failure", message=_clean(note)).text = _clean(test.detail)
    elif test.outcome in {Outcome.DECLINED, Outcome.SKIPPED}:
        ET.SubElement(case, "skipped", message=_clean(f"{test.outcome}: {test.reason}"))
    elif test.outcome is Outcome.FLAKY:
        ET.SubElement(case, "system-out").text = _clean(f"flaky: it failed, then passed\n{test.detail}")
    return case


def _clean(text: str) -> str:
    return text.translate(_FORBIDDEN)
