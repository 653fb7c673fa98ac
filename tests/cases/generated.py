"""Journeys made up by Hypothesis, and a finisher that ends any case with ordinary good outcomes."""

from hypothesis import strategies as st

from pridvor.cases import engine
from pridvor.journeys import language

KINDS = ("form", "upload", "todo", "check", "review", "connect", "sign", "call", "notify")


@st.composite
def journeys(draw) -> str:
    """The text of a sound journey: stages in a row or side by side, loops with limits, conditions on facts."""
    lines = [
        "journey: made-up",
        "knows: {client.vip: bool, client.size: int}",
        "facts: {large: client.size > 10}",
        "stages:",
    ]
    stages = draw(st.integers(1, 3))
    for number in range(stages):
        lines.append(f"  stage{number}:")
        if number and draw(st.booleans()):
            lines.append(f"    with: stage{number - 1}")
        if draw(st.integers(0, 3)) == 0:
            lines.append(f'    when: "{draw(st.sampled_from(["client.vip", "!large", "client.size < 3"]))}"')
        lines.append("    steps:")
        earlier: list[str] = []
        for position in range(draw(st.integers(1, 4))):
            lines.append(draw(_step(f"s{number}{position}", earlier)))
            earlier.append(f"s{number}{position}")
        lines += ["    exceptions:", f"      help{number}: {{todo: help}}"]
    return "\n".join(lines)


@st.composite
def _step(draw, name: str, earlier: list[str]) -> str:
    kind = draw(st.sampled_from(KINDS))
    body = [f"{kind}: x"]
    beside = earlier[-1] if earlier and draw(st.integers(0, 3)) == 0 else ""
    if beside:
        body.append(f"with: {beside}")
    reachable = [] if beside else earlier
    back = (
        f"{{redo: {draw(st.sampled_from(reachable))}, limit: {draw(st.integers(1, 2))}}}"
        if reachable
        else "{close: declined}"
    )
    stage = name[1]
    if kind == "check":
        body.append(f"if fail: {draw(st.sampled_from([back, f'{{fix: help{stage}, limit: 2}}', 'go on']))}")
    if kind == "review":
        body += [f"if correct: {back}", "if reject: {close: declined}"]
        if draw(st.booleans()):
            body.append("second_person: true")
    if kind == "connect":
        body.append(f"if fail: {{open: help{stage}}}")
    if kind == "sign":
        body.append(f"if declined: {back}")
    if kind == "call":
        body.append("if unreached: go on")
    if draw(st.integers(0, 4)) == 0:
        body.append(f'when: "{draw(st.sampled_from(["large", "client.vip", "!client.vip"]))}"')
    if draw(st.integers(0, 6)) == 0:
        body.append("optional: true")
    return f"      {name}: {{{', '.join(body)}}}"


def is_sound(text: str) -> bool:
    """Some of what was made up sends back to an optional step, say; the reader refuses it."""
    try:
        return bool(language.read(text))
    except language.Unsound:
        return False


def open_steps(case: engine.Snapshot) -> list[tuple[str, engine.Attempt]]:
    return [(key, attempt) for key, attempt in case.steps.items() if attempt.status == engine.OPEN]


def finish(journey: language.Journey, case: engine.Snapshot, most: int = 500) -> int:
    """Give ordinary good outcomes until the case ends; the number of commands it took. Fails when it cannot end."""
    for count in range(most):
        if case.state == "ended":
            return count
        case = _one_good_command(journey, case)
    raise AssertionError("the case does not end")


def _one_good_command(journey: language.Journey, case: engine.Snapshot) -> engine.Snapshot:
    if case.paused:
        return engine.decide(journey, case, engine.Resume()).snapshot
    work = [(key, attempt) for key, attempt in open_steps(case) if not attempt.optional]
    if not work:
        key, number = next(iter(case.flying), ("", 0))
        assert key, f"nobody can act: {case.steps}"
        return engine.decide(journey, case, engine.Complete(key, number, "ok", "machine")).snapshot
    key, attempt = work[0]
    outcome = "accept"
    if attempt.kind != engine.GATE:
        routes = journey.steps[key.partition("@")[0]].routes
        outcome = next((o for o, route in routes.items() if route.verb == "go on"), next(iter(routes)))
    for actor in ("ana", "bogdan", "carmen"):
        decision = engine.decide(journey, case, engine.Complete(key, attempt.number, outcome, actor))
        if not decision.refused:
            return decision.snapshot
    raise AssertionError(decision.refused)
