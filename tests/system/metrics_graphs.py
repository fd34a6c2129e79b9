"""Random graphs and questions for the engine, as the program engine-answers reads them, and its answers."""
import json
import random
import subprocess

import metrics_oracle as oracle

OPERATORS = {"union": 1, "intersect": 2, "except": 3}
FIRST_YEAR, LAST_YEAR = 1994, 2006


def number(day):
    return -1 if day is None else day


def random_day(rng, first=FIRST_YEAR, last=LAST_YEAR):
    """Ends of years, leap days and a few days that many share."""
    year = rng.randint(first, last)
    month, day = rng.choice(((1, 1), (1, 1), (12, 31), (2, 28), (3, 1), (6, 15), (7, 1), (rng.randint(1, 12), 9)))
    if rng.random() < 0.05 and year % 4 == 0:
        month, day = 2, 29
    return oracle.day_of(year, month, day)


def random_date(rng, missing=0.12):
    """(day, precision)."""
    if rng.random() < missing:
        return None, 0
    precision = rng.choice((1, 2, 3, 3))
    day = random_day(rng)
    date = oracle.date_of(day)
    if precision == 1:
        day = oracle.day_of(date.year, 1, 1)
    elif precision == 2:
        day = oracle.day_of(date.year, date.month, 1)
    return day, precision


def random_authors(rng, authors, crowd):
    if rng.random() < 0.12:
        return ()
    if crowd and rng.random() < 0.15:
        chosen = list(range(1, 1001))
    else:
        chosen = rng.sample(range(1, authors + 1), min(authors, rng.choice((1, 1, 2, 2, 3, 5))))
    rng.shuffle(chosen)
    style = rng.random()
    if style < 0.1:
        return tuple((author, 0) for author in chosen)
    if style < 0.2:
        return tuple((author, place if rng.random() < 0.7 else 0) for place, author in enumerate(chosen, 1))
    return tuple((author, place) for place, author in enumerate(chosen, 1))


def random_graph(rng, shape=None):
    graph = oracle.Graph()
    shape = shape or rng.choices(("small", "middle", "large", "cohort", "star"), (70, 24, 3, 2, 1))[0]
    count = {"small": rng.randint(1, 12), "middle": rng.randint(12, 30), "large": rng.randint(60, 120),
             "cohort": rng.randint(29, 45), "star": rng.randint(110, 130)}[shape]
    crowd = rng.random() < 0.02
    authors = rng.randint(1, 6)
    graph.author_end = 1001 if crowd else authors + 1
    graph.name_only = {author for author in range(1, authors + 1) if rng.random() < 0.15}
    graph.count = count
    for paper in range(1, count + 1):
        if rng.random() < 0.12:
            continue  # a stub
        day, precision = random_date(rng)
        if shape == "cohort" and rng.random() < 0.97:
            day, precision = oracle.day_of(1998, rng.randint(1, 12), 1), 3
        kind, field = (1, 1) if shape == "cohort" else (rng.randint(1, 2), rng.randint(1, 2))
        graph.papers[paper] = oracle.Paper(day, precision, rng.choice((0, 1, 2, 2)), rng.random() < 0.1, kind, field,
                                           rng.random() < 0.1, random_authors(rng, authors, crowd))
    edges = int(count * rng.choice((0.5, 1.5, 3, 3, 6)))
    if shape == "star":
        graph.lines += [(citing, 1, None, 0) for citing in range(2, count + 1)]
    for _ in range(edges):
        citing, cited = rng.randint(1, count), rng.randint(1, rng.choice((count, max(1, count // 3), min(count, 2))))
        line = random_date(rng, missing=0.3) if rng.random() < 0.2 else (None, 0)
        graph.lines += [(citing, cited) + line] * rng.choice((1, 1, 1, 2))
    graph.coverage_end = None if rng.random() < 0.05 else random_day(rng, LAST_YEAR - 2, LAST_YEAR + 2)
    return graph


def random_scope(rng, named):
    some = rng.random
    return oracle.Scope(
        as_of=None if some() < 0.4 else random_day(rng, FIRST_YEAR - 1, LAST_YEAR + 1) + rng.choice((0, 0, -1, 1)),
        self_citations=rng.choice((0, 0, 1, 2, 3, 4) if named else (0, 1, 3, 4)),
        counting=int(some() < 0.3), g_rule=int(some() < 0.2),
        retracted=rng.choice((0, 0, 0, 1, 2, 3)), citing_refereed=rng.choice((0, 0, 0, 1, 2)),
        refereed=rng.choice((0, 0, 0, 1, 2)), position=rng.choice((0, 0, 0, 1, 2, 3, 4)) if named else 0,
        kinds=rng.choice((0, 0, 0, 2, 4, 6)), first_year=rng.choice((0, 0, 0, 1997)),
        last_year=rng.choice((0, 0, 0, 2002)), fields=rng.choice(((), (), (), (1,), (1, 2))))


def random_paper_scope(rng):
    full = random_scope(rng, False)
    return oracle.Scope(as_of=full.as_of, self_citations=rng.choice((0, 1, 3)),
                        retracted=rng.choice((0, 0, 2)), citing_refereed=full.citing_refereed)


def random_terms(rng, graph):
    def operand():
        if rng.random() < 0.75:
            return ("author", rng.randint(1, min(graph.author_end - 1, 6)))
        return ("papers", tuple(sorted(rng.sample(range(1, graph.count + 1), rng.randint(0, graph.count)))))

    if rng.random() < 0.45:
        return [("author", rng.randint(1, min(graph.author_end - 1, 6)))]
    terms = [operand()]
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        if rng.random() < 0.25:  # a nested one
            terms += [operand(), operand(), rng.choice(list(OPERATORS)), rng.choice(list(OPERATORS))]
        else:
            terms += [operand(), rng.choice(list(OPERATORS))]
    return terms


# --- as text ---

def graph_lines(graph):
    yield "G %d %d %d" % (graph.count + 1, graph.author_end, number(graph.coverage_end))
    for author in sorted(graph.name_only):
        yield "A %d" % author
    for paper, facts in sorted(graph.papers.items()):
        yield "P %d %d %d %d %d %d %d %d %s" % (
            paper, number(facts.day), facts.precision, facts.refereed, facts.retracted, facts.kind, facts.field,
            facts.truncated, " ".join("%d %d" % pair for pair in facts.authors))
    for citing, cited, day, precision in graph.lines:
        yield "C %d %d %d %d" % (citing, cited, number(day), precision)
    yield "F"


def scope_text(scope):
    return " ".join(str(value) for value in (
        number(scope.as_of), scope.self_citations, scope.counting, scope.g_rule, scope.retracted,
        scope.citing_refereed, scope.refereed, scope.position, scope.kinds, scope.first_year, scope.last_year,
        len(scope.fields), *scope.fields))


def terms_text(terms):
    words = [str(len(terms))]
    for term in terms:
        if term in OPERATORS:
            words.append(str(OPERATORS[term]))
        elif term[0] == "author":
            words.append("10 %d" % term[1])
        else:
            words.append(" ".join(["11", str(len(term[1]))] + [str(paper) for paper in term[1]]))
    return " ".join(words)


def set_line(scope, days, terms):
    return " ".join(["S", scope_text(scope), str(len(days))] + [str(day) for day in days] + [terms_text(terms)])


class Engine:
    """One running engine-answers."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        if self.process.wait(60) != 0:
            raise SystemExit("engine-answers: exit code %d" % self.process.returncode)

    def tell(self, lines):
        self.process.stdin.write("".join(line + "\n" for line in lines))

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit("engine-answers ended with exit code %s on: %s" % (self.process.wait(60), line))
        return json.loads(answer)


# --- comparing ---

def differences(found, wanted, path=""):
    """Paths at which an answer differs from what the oracle says; fractions within 1e-9."""
    if isinstance(wanted, dict):
        for key, value in wanted.items():
            if key not in found:
                yield "%s.%s: missing" % (path, key)
            else:
                yield from differences(found[key], value, "%s.%s" % (path, key))
    elif isinstance(wanted, list):
        if len(found) != len(wanted):
            yield "%s: %d items, expected %d" % (path, len(found), len(wanted))
        for place, (one, other) in enumerate(zip(found, wanted)):
            yield from differences(one, other, "%s[%d]" % (path, place))
    elif path.endswith(".riq") and not isinstance(wanted, str):
        # wanted is what the integer part is taken of; a root on the edge may fall to either side.
        if isinstance(found, str) or not wanted - 1 - 1e-6 < found <= wanted + 1e-6 or found != int(found):
            yield "%s: %s, expected the integer part of %r" % (path, found, wanted)
    elif isinstance(wanted, str) or isinstance(found, str) or wanted is None or found is None:
        if found != wanted:
            yield "%s: %s, expected %s" % (path, found, wanted)
    elif abs(found - wanted) > 1e-9 * max(1, abs(wanted)):
        yield "%s: %r, expected %r" % (path, found, float(wanted))


def make(seed):
    """The graph of a seed, and the generator to go on with."""
    rng = random.Random(seed)
    graph = random_graph(rng)
    graph.finish()
    return rng, graph
