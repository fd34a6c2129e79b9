"""Every metric of a set of papers, of a paper and of a cohort, computed the slow way from the written definitions.

Python's standard library only, exact fractions where the definitions have fractions; shares no code with the programs.
Days are numbers, 0001-01-01 is day 0, None is no day.
"""
import bisect
import collections
import datetime
import fractions
import math

Fraction = fractions.Fraction

INCLUDE, OWN, COAUTHOR, SET = 1, 2, 3, 4
FRACTIONAL = 1
G_CITED_ONLY = 1
YEAR, MONTH, DAY = 1, 2, 3
BUCKETS = (0, 1, 10, 50, 100, 250, 500)
COHORT_LEAST = 30


def date_of(day):
    return datetime.date.fromordinal(day + 1)


def day_of(year, month, day):
    return datetime.date(year, month, day).toordinal() - 1


def year_of(day):
    return date_of(day).year


def add_years(day, years):
    date = date_of(day)
    try:
        return date.replace(year=date.year + years).toordinal() - 1
    except ValueError:  # 29 February
        return day_of(date.year + years, 2, 28)


def complete_year(day):
    date = date_of(day)
    return date.year if (date.month, date.day) == (12, 31) else date.year - 1


def inside(day, precision, wanted):
    """Does the period of a coarse date hold the day without ending on it?"""
    if day is None or wanted is None or precision == DAY or wanted < day:
        return False
    date = date_of(day)
    if precision == YEAR or date.month == 12:
        last = day_of(date.year, 12, 31)
    else:
        last = day_of(date.year, date.month + 1, 1) - 1
    return wanted < last


class Paper:
    """A record. authors: (author, position) pairs; refereed 0 unknown, 1 no, 2 yes."""

    def __init__(self, day, precision, refereed, retracted, kind, field, truncated, authors):
        self.day, self.precision, self.refereed, self.retracted = day, precision, refereed, retracted
        self.kind, self.field, self.truncated, self.authors = kind, field, truncated, authors

    @property
    def count(self):
        return max(1, len(self.authors))


STUB = Paper(None, 0, 0, False, 0, 0, False, ())


class Graph:
    def __init__(self):
        self.papers = {}
        self.name_only = set()
        self.lines = []  # (citing, cited, day, precision): self-loops and repetitions included
        self.coverage_end = None

    def finish(self):
        self.cites = collections.defaultdict(set)
        self.cited_by = collections.defaultdict(set)
        self.line_date = {}
        for citing, cited, day, precision in self.lines:
            if citing == cited:
                continue
            self.cites[citing].add(cited)
            self.cited_by[cited].add(citing)
            old = self.line_date.get((citing, cited))
            if day is not None and (old is None or (day, precision) < old):
                self.line_date[citing, cited] = (day, precision)
        self.known = {number: {author for author, _ in paper.authors if author not in self.name_only}
                      for number, paper in self.papers.items()}
        self.by_author = collections.defaultdict(dict)
        for number, paper in self.papers.items():
            for author, position in paper.authors:
                self.by_author[author][number] = position

    def paper(self, number):
        return self.papers.get(number, STUB)

    def citing_date(self, citing, cited):
        """The citing record's date; that of the citation line only while the citing id has none."""
        paper = self.paper(citing)
        if paper.day is not None:
            return paper.day, paper.precision
        return self.line_date.get((citing, cited), (None, 0))

    def share_author(self, a, b):
        return bool(self.known.get(a, set()) & self.known.get(b, set()))


class Scope:
    def __init__(self, as_of=None, self_citations=0, counting=0, g_rule=0, retracted=0, citing_refereed=0, refereed=0,
                 position=0, kinds=0, first_year=0, last_year=0, fields=()):
        self.as_of, self.self_citations, self.counting, self.g_rule = as_of, self_citations, counting, g_rule
        self.retracted, self.citing_refereed, self.refereed = retracted, citing_refereed, refereed
        self.position, self.kinds, self.first_year, self.last_year = position, kinds, first_year, last_year
        self.fields = tuple(sorted(fields))


def evaluate(graph, terms):
    """A postfix expression: ("author", a), ("papers", numbers), "union", "intersect", "except"."""
    stack = []
    for term in terms:
        if term == "union":
            right = stack.pop()
            stack[-1] = stack[-1] | right
        elif term == "intersect":
            right = stack.pop()
            stack[-1] = stack[-1] & right
        elif term == "except":
            right = stack.pop()
            stack[-1] = stack[-1] - right
        elif term[0] == "author":
            stack.append(set(graph.by_author[term[1]]))
        else:
            stack.append(set(term[1]))
    return stack[0]


# --- indices of lists of counts ---

def h_of(counts):
    """max i with C_i >= i."""
    counts = sorted(counts, reverse=True)
    return max([i for i in range(1, len(counts) + 1) if counts[i - 1] >= i], default=0)


def g_of(counts):
    """max i <= N with C_1 + ... + C_i >= i*i."""
    counts = sorted(counts, reverse=True)
    best, total = 0, 0
    for i, count in enumerate(counts, 1):
        total += count
        if total >= i * i:
            best = i
    return best


def median_of(counts):
    counts = sorted(counts)
    return Fraction(counts[(len(counts) - 1) // 2] + counts[len(counts) // 2], 2)


def gini_of(counts):
    counts = sorted(counts)
    number, total = len(counts), sum(counts)
    return Fraction(sum((2 * i - number - 1) * count for i, count in enumerate(counts, 1)), number * total)


class Citation:
    """An edge to a paper of the set that no day decides on yet."""
    __slots__ = ("cited", "citing", "e", "own", "references", "excluded", "tori_excluded", "is_self", "coarse", "passes",
                 "known", "refereed", "hidden")


class SetQuestion:
    """A set under a scope; at(day) gives its numbers as of any day."""

    def __init__(self, graph, terms, scope):
        self.graph, self.scope = graph, scope
        self.set = evaluate(graph, terms)
        self.named = [term[1] for term in terms if term[0] == "author"]
        self.identified = {author for author in self.named if author not in graph.name_only}
        self.is_author = len(terms) == 1 and len(self.named) == 1
        self.self_rule = scope.self_citations or INCLUDE
        self.tori_rule = scope.self_citations or SET
        self.count_rule = OWN if self.is_author else SET
        self.kept, self.place_unknown, self.referee_unknown = [], [], []
        for number in self.set:
            self.filter(number)
        self.citations = [citation for number in self.kept for citation in self.judge(number)]

    def place(self, number):
        """True, False, or None when it is not known."""
        graph, wanted = self.graph, self.scope.position
        paper = graph.paper(number)
        if wanted == 0:
            return True
        unknown = False
        last = max([position for _, position in paper.authors], default=0)
        for author in self.named:
            position = graph.by_author[author].get(number)
            if position is None:
                continue
            if position == 0:
                unknown = True
                continue
            if wanted in (1, 3) and position == 1:
                return True
            if wanted in (2, 3):
                if paper.truncated:
                    unknown = True
                elif len(paper.authors) >= 2 and position == last:
                    return True
            if wanted == 4 and len(paper.authors) == 1 and not paper.truncated:
                return True
        return None if unknown else False

    def filter(self, number):
        scope, paper = self.scope, self.graph.paper(number)
        if scope.retracted in (1, 3) and paper.retracted:
            return
        if scope.kinds and not scope.kinds >> paper.kind & 1:
            return
        if scope.fields and paper.field not in scope.fields:
            return
        if scope.first_year or scope.last_year:
            if paper.day is None or year_of(paper.day) < scope.first_year:
                return
            if scope.last_year and year_of(paper.day) > scope.last_year:
                return
        place = self.place(number)
        if place and paper.refereed == 0:
            self.referee_unknown.append(number)
        if scope.refereed == 1 and paper.refereed != 2 or scope.refereed == 2 and paper.refereed == 2:
            return
        if place is None:
            self.place_unknown.append(number)
        if place:
            self.kept.append(number)

    def is_self(self, rule, citing, cited):
        if rule == OWN:
            known = self.graph.known
            return bool(known.get(citing, set()) & known.get(cited, set()) & self.identified)
        if rule == COAUTHOR:
            return self.graph.share_author(citing, cited)
        return rule == SET and citing in self.set

    def judge(self, cited):
        graph, scope = self.graph, self.scope
        paper = graph.paper(cited)
        for citing in graph.cited_by[cited]:
            other = graph.paper(citing)
            if scope.retracted in (2, 3) and other.retracted:
                continue
            citation = Citation()
            citation.cited, citation.citing = cited, citing
            citation.own, precision = graph.citing_date(citing, cited)
            citation.e = None if citation.own is None or paper.day is None else max(citation.own, paper.day)
            citation.references = len(graph.cites[citing])
            citation.excluded = self.is_self(self.self_rule, citing, cited)
            citation.tori_excluded = self.is_self(self.tori_rule, citing, cited)
            citation.is_self = self.is_self(self.count_rule, citing, cited)
            citation.refereed = other.refereed == 2
            citation.known = other.refereed != 0
            citation.passes = scope.citing_refereed == 0 or citation.refereed == (scope.citing_refereed == 1)
            citation.coarse = precision
            citation.hidden = other.truncated or paper.truncated
            yield citation

    def exists(self, number, day):
        own = self.graph.paper(number).day
        return day is None or (own is not None and own <= day)

    def counted(self, day):
        """Papers, citations in scope before self-citations leave, and those that count."""
        papers = [number for number in self.kept if self.exists(number, day)]
        present = set(papers)
        in_day = [c for c in self.citations
                  if c.cited in present and (day is None or (c.e is not None and c.e <= day))]
        in_scope = [c for c in in_day if c.passes]
        return papers, in_day, in_scope, [c for c in in_scope if not c.excluded]

    def indices(self, papers, counts):
        """h, g, i10, i100 under the scope's counting."""
        values = [self.value(number, counts[number]) for number in papers]
        cited = [value for value in values if value > 0]
        return (h_of(values), g_of(cited if self.scope.g_rule == G_CITED_ONLY else values),
                sum(value >= 10 for value in values), sum(value >= 100 for value in values))

    def value(self, number, count):
        return Fraction(count, self.graph.paper(number).count) if self.scope.counting == FRACTIONAL else count

    def row(self, day):
        """What a row of a timeline and the plain answer have in common."""
        graph = self.graph
        papers, _, in_scope, counting = self.counted(day)
        counts = collections.Counter(c.cited for c in counting)
        h, g, i10, i100 = self.indices(papers, counts)
        years = [year_of(graph.paper(number).day) for number in self.set
                 if graph.paper(number).day is not None and self.exists(number, day)]
        end = self.graph.coverage_end if day is None else day
        tori = sum((Fraction(1, graph.paper(c.cited).count * max(5, c.references))
                    for c in in_scope if not c.tori_excluded), Fraction(0))
        row = {"paper_count": len(papers), "citation_count": len(counting),
               "paper_sum": sum(self.value(number, 1) for number in papers),
               "citation_sum": sum(self.value(c.cited, 1) for c in counting),
               "citing_paper_count": len({c.citing for c in counting}),
               "h_index": h, "g_index": g, "i10_index": i10, "i100_index": i100, "tori": tori}
        if not papers:
            row["m_quotient"] = row["riq"] = "NO_PAPERS"
        elif not years:
            row["m_quotient"] = row["riq"] = "NO_DATE"
        else:
            row["m_quotient"] = ("NO_DAY" if end is None
                                 else Fraction(h, max(1, year_of(end) - min(years) + 1)))
            row["riq"] = 1000 * math.sqrt(tori) / (max(years) - min(years) + 1)  # before the integer part is taken
        return row, years

    def report(self, day):
        graph, scope = self.graph, self.scope
        papers, in_day, _, counting = self.counted(day)
        present = set(papers)
        bound = self.self_rule in (OWN, COAUTHOR)

        def is_inside(number):
            paper = graph.paper(number)
            return inside(paper.day, paper.precision, day)

        undated = [number for number in self.kept if graph.paper(number).day is None]
        return {
            "day": graph.coverage_end if day is None else day, "self_rule": self.self_rule,
            "tori_rule": self.tori_rule,
            "set_papers": sum(self.exists(number, day) for number in self.set),
            "undated_papers": len(undated),
            "undated_citations": sum(c.cited in present and c.e is None and c.passes and not c.excluded
                                     for c in self.citations),
            "position_unknown": sum(self.exists(number, day) for number in self.place_unknown),
            "referee_unknown": sum(self.exists(number, day) for number in self.referee_unknown),
            "citing_referee_unknown": sum(not c.known and not c.excluded for c in in_day),
            "coarse_papers": sum(is_inside(number) for number in papers),
            "coarse_citations": sum(is_inside(c.cited) or inside(c.own, c.coarse, day) for c in counting),
            "truncated_papers": sum(graph.paper(number).truncated for number in papers),
            "hidden_authors": sum(c.hidden for c in counting) if bound else 0}

    def measures(self, day):
        graph, scope = self.graph, self.scope
        answer, years = self.row(day)
        papers, _, in_scope, counting = self.counted(day)
        counts = collections.Counter(c.cited for c in counting)
        numbers = [counts[number] for number in papers]
        end = graph.coverage_end if day is None else day
        answer.update({
            "scope": self.report(day),
            "papers_normalized": sum(Fraction(1, graph.paper(number).count) for number in papers),
            "citations_normalized": sum(Fraction(1, graph.paper(c.cited).count) for c in counting),
            "first_year": min(years, default=0), "last_year": max(years, default=0),
            "self_citation_count": sum(c.is_self for c in in_scope), "self_citation_rule": self.count_rule,
            "uncited_count": numbers.count(0), "buckets": [0] * len(BUCKETS)})
        for number in numbers:
            answer["buckets"][max(i for i, least in enumerate(BUCKETS) if number >= least)] += 1
        self.spread(answer, papers, numbers, counting)
        self.recent(answer, papers, counting, counts, end)
        first, histogram = self.histograms(papers, counting, end)
        answer["histogram_first"], answer["histograms"] = first, histogram
        return answer

    def spread(self, answer, papers, numbers, counting):
        total = sum(numbers)
        if not papers:
            answer.update(dict.fromkeys(("mean_citations", "median_citations", "uncited_share", "gini", "s_index"),
                                        "NO_PAPERS"))
        else:
            answer.update(mean_citations=Fraction(total, len(papers)), median_citations=median_of(numbers),
                          uncited_share=Fraction(numbers.count(0), len(numbers)),
                          gini=gini_of(numbers) if total else "NO_CITATIONS")
            if len(papers) < 2:
                answer["s_index"] = "TOO_FEW_PAPERS"
            elif not total:
                answer["s_index"] = "NO_CITATIONS"
            else:
                entropy = -sum(n / total * math.log(n / total) for n in numbers if n)
                answer["s_index"] = math.sqrt(total) / 4 * math.exp(entropy / math.log(len(numbers)))
        ages = [year_of(c.e) - year_of(self.graph.paper(c.cited).day) for c in counting if c.e is not None]
        answer["citation_half_life"] = (median_of(ages) if ages
                                        else "NO_CITATIONS" if papers else "NO_PAPERS")

    def recent(self, answer, papers, counting, counts, end):
        if end is None:
            answer.update(dict.fromkeys(("h_recent5", "i10_recent5", "citations_recent5", "h5_published", "h5_median"),
                                        "NO_DAY"))
            return
        year = year_of(end)
        fresh = [c for c in counting if c.e is not None and year - 5 <= year_of(c.e) <= year]
        recent = collections.Counter(c.cited for c in fresh)
        h, _, i10, _ = self.indices(papers, recent)
        answer.update(h_recent5=h, i10_recent5=i10,
                      citations_recent5=sum(self.value(c.cited, 1) for c in fresh))
        last = complete_year(end)
        core = [self.value(number, counts[number]) for number in papers
                if self.graph.paper(number).day is not None
                and last - 4 <= year_of(self.graph.paper(number).day) <= last]
        answer["h5_published"] = h_of(core)
        if h_of(core):
            answer["h5_median"] = median_of(sorted(core, reverse=True)[:h_of(core)])
        else:
            answer["h5_median"] = "NO_CITATIONS" if core else "NO_PAPERS"

    def histograms(self, papers, counting, end):
        graph = self.graph
        dated = [(year_of(graph.paper(n).day), n) for n in papers if graph.paper(n).day is not None]
        cited = [(year_of(c.own), c) for c in counting if c.own is not None]
        years = [year for year, _ in dated] + [year for year, _ in cited]
        if not years:
            return 0, []
        last = max(years + ([year_of(end)] if end is not None else []))
        rows = {year: [0] * 12 for year in range(min(years), last + 1)}
        for year, number in dated:
            paper = graph.paper(number)
            rows[year][0 + (paper.refereed == 2)] += 1
            rows[year][6 + (paper.refereed == 2)] += Fraction(1, paper.count)
        for year, citation in cited:
            paper = graph.paper(citation.cited)
            place = 2 * citation.refereed + (paper.refereed == 2)
            rows[year][2 + place] += 1
            rows[year][8 + place] += Fraction(1, paper.count)
        return min(years), [rows[year] for year in sorted(rows)]

    def timeline(self, days):
        rows, papers, citations = [], 0, 0
        for day in days:
            row, _ = self.row(day)
            row.update(day=day, year=year_of(day), new_papers=row["paper_sum"] - papers,
                       new_citations=row["citation_sum"] - citations)
            papers, citations = row["paper_sum"], row["citation_sum"]
            rows.append(row)
        return rows

    def yearly_days(self):
        end = self.graph.coverage_end if self.scope.as_of is None else self.scope.as_of
        days = [self.graph.paper(n).day for n in self.set if self.graph.paper(n).day is not None]
        if end is None or not days:
            return []
        return [min(day_of(year, 12, 31), end) for year in range(year_of(min(days)), year_of(end) + 1)]

    def explain(self, what):
        """what: 0 h, 1 g, 2 i10."""
        day = self.scope.as_of
        papers, _, _, counting = self.counted(day)
        counts = collections.Counter(c.cited for c in counting)
        value = self.indices(papers, counts)[what]
        ranked = sorted(papers, key=lambda n: (-self.value(n, counts[n]), n))
        counted = {n: self.value(n, counts[n]) for n in papers}
        if what == 0:
            needs, following = value == len(papers), ranked[:value + 1]
            lacks = {n: max(0, value + 1 - counted[n]) for n in following}
            total = sum(lacks.values()) + (value + 1 if needs else 0)
        elif what == 1:
            most = len([n for n in papers if counted[n] > 0]) if self.scope.g_rule == G_CITED_ONLY else len(papers)
            needs = value == most
            following = ranked[:value + (not needs)]
            lacks = dict.fromkeys(following, 0)
            total = max(0, (value + 1) ** 2 - sum(counted[n] for n in following))
        else:
            following = ranked[value:]
            needs = not following
            lacks = {n: 10 - counted[n] for n in following}
            total = 10 if needs else lacks[following[0]]
        return {"value": value, "witnesses": [[n, counts[n], counted[n], 0] for n in ranked[:value]],
                "next": [[n, counts[n], counted[n], lacks[n]] for n in following],
                "next_lacks": total, "needs_paper": needs, "steps": self.steps(what, papers, counting)}

    def steps(self, what, papers, counting):
        """The first day on which each value holds, looking at every day on which anything happens."""
        own = {n: self.graph.paper(n).day for n in papers}
        days = sorted({day for day in own.values() if day is not None} | {c.e for c in counting if c.e is not None})
        found, times = [], collections.defaultdict(list)
        for c in counting:
            if c.e is not None:
                times[c.cited].append(c.e)
        for list_ in times.values():
            list_.sort()
        for day in days:
            present = [n for n in papers if own[n] is not None and own[n] <= day]
            counts = {n: bisect.bisect_right(times[n], day) for n in present}
            value = self.indices(present, counts)[what]
            found += [[step, day] for step in range(len(found) + 1, value + 1)]
        return found


# --- papers ---

def window_end(day, unit, length):
    if day is None or unit == 2:
        return None
    return day + length if unit == 1 else add_years(day, length)


def edge_counts(graph, scope, citing, cited):
    """Does the scope let this citation count, whatever the day?"""
    paper = graph.paper(citing)
    if scope.retracted == 2 and paper.retracted:
        return False
    if scope.citing_refereed and (paper.refereed == 2) != (scope.citing_refereed == 1):
        return False
    return not (scope.self_citations == COAUTHOR and graph.share_author(citing, cited))


def disrupt(graph, scope, focal, unit, length, least, reference_free_one):
    day, references = graph.paper(focal).day, graph.cites[focal]
    end = window_end(day, unit, length)
    today = graph.coverage_end if scope.as_of is None else scope.as_of
    answer = {"window_end": end, "window_complete": end is not None and today is not None and end <= today}
    citers, shared, hidden = set(), collections.Counter(), 0
    if day is not None:
        for cited in {focal} | references:
            for citing in graph.cited_by[cited]:
                when, _ = graph.citing_date(citing, cited)
                if citing == focal or when is None or when <= day or (end is not None and when > end):
                    continue
                if (scope.as_of is not None and when > scope.as_of) or not edge_counts(graph, scope, citing, cited):
                    continue
                hidden += scope.self_citations == COAUTHOR and (graph.paper(citing).truncated
                                                                or graph.paper(cited).truncated)
                if cited == focal:
                    citers.add(citing)
                else:
                    shared[citing] += 1
    n_f = len([q for q in citers if not shared[q]])
    n_b = len([q for q in citers if shared[q] >= least])
    n_below = len([q for q in citers if 0 < shared[q] < least])
    n_r = len([q for q in shared if shared[q] and q not in citers])
    total_shared = sum(shared[q] for q in citers)
    answer.update(n_f=n_f, n_b=n_b, n_r=n_r, n_below=n_below, shared=total_shared, hidden_authors=hidden)
    free = reference_free_one and not references
    reason = ("NO_DATE" if day is None else "NO_REFERENCES" if not references and not free
              else "TOO_FEW_REFERENCES" if len(references) < least and not free
              else "NO_CANDIDATES" if n_f + n_b + n_r == 0 else None)
    if reason:
        answer.update(index=reason, nok=reason, mcd=reason, dep=reason)
        return answer
    answer["index"] = Fraction(n_f - n_b, n_f + n_b + n_r)
    answer["mcd"] = answer["index"] * (n_f + n_b)
    answer["nok"] = Fraction(n_f - n_b, n_f + n_b) if n_f + n_b else "NO_CITERS"
    answer["dep"] = Fraction(total_shared, n_f + n_b) if n_f + n_b else "NO_CITERS"
    return answer


def beauty(years, first, last):
    """Ke et al. 2015; years: calendar year -> citations."""
    counts = [years[year] for year in range(first, last + 1)]
    answer = {"peak_year": 0, "peak_citations": 0, "awakening_year": 0}
    if not counts or max(counts) == 0:
        answer["beauty"] = "UNCITED" if counts else "NO_COMPLETE_YEAR"
        return answer
    peak = counts.index(max(counts))
    answer.update(peak_year=first + peak, peak_citations=counts[peak], awakening_year=first, beauty=0)
    if peak:
        slope = Fraction(counts[peak] - counts[0], peak)
        gaps = [slope * t + counts[0] - counts[t] for t in range(peak + 1)]
        answer["beauty"] = sum(gap / max(1, count) for gap, count in zip(gaps, counts))
        # The distance of a point from the line is the gap times one factor for all points.
        distances = [abs(gap) for gap in gaps]
        answer["awakening_year"] = first + distances.index(max(distances))
    return answer


def citations_of(graph, scope, number):
    """(e, own day of the citing side, citing), without and with self-citations by coauthors."""
    day, counting, shared = graph.paper(number).day, [], 0
    for citing in graph.cited_by[number]:
        own, _ = graph.citing_date(citing, number)
        e = None if own is None or day is None else max(own, day)
        if scope.as_of is not None and (e is None or e > scope.as_of):
            continue
        if edge_counts(graph, scope, citing, number):
            counting.append((e, own))
            shared += graph.share_author(citing, number)
        elif scope.self_citations == COAUTHOR and graph.share_author(citing, number):
            plain = Scope(as_of=scope.as_of, retracted=scope.retracted, citing_refereed=scope.citing_refereed)
            shared += edge_counts(graph, plain, citing, number)
    return counting, shared


def member(graph, scope, number):
    """Citations, and c of fwci."""
    counting, _ = citations_of(graph, scope, number)
    day = graph.paper(number).day
    end = graph.coverage_end if scope.as_of is None else scope.as_of
    if day is None or end is None:
        return len(counting), 0
    first, last = year_of(day), min(year_of(day) + 3, year_of(end))
    return len(counting), len([e for e, _ in counting if e is not None and first <= year_of(e) <= last])


def paper_metrics(graph, scope, number, unit, length, reference_free_one):
    counting, shared = citations_of(graph, scope, number)
    day = graph.paper(number).day
    end = graph.coverage_end if scope.as_of is None else scope.as_of
    answer = {"citation_count": len(counting), "self_citation_count": shared,
              "reference_count": len(graph.cites[number]), "window_citations": member(graph, scope, number)[1]}
    reason = "NO_DATE" if day is None else "NO_DAY" if end is None else None
    answer["velocity"] = reason or len([e for e, _ in counting if e is not None and add_years(end, -1) < e <= end])
    own = collections.Counter(year_of(own) for _, own in counting if own is not None)
    first = min(list(own) + ([year_of(day)] if day is not None else [])) if own else 0
    answer["series_first"] = first
    answer["series"] = [own[year] for year in range(first, max(own) + 1)] if own else []
    if reason:
        answer.update(beauty=reason, peak_year=0, peak_citations=0, awakening_year=0)
    else:
        years = collections.Counter(year_of(e) for e, _ in counting if e is not None)
        answer.update(beauty(years, year_of(day), complete_year(end)))
    answer["cd"] = disrupt(graph, scope, number, unit, length, 1, reference_free_one)
    answer["di1"] = disrupt(graph, scope, number, 2, 0, 1, reference_free_one)
    answer["di5"] = disrupt(graph, scope, number, 2, 0, 5, reference_free_one)
    return answer


# --- cohorts ---

def interval(c, m, variance, size):
    r = 1.96 * math.sqrt(variance / size) / m
    k = max(c, 0.5)
    up = (c + 1) * (1 - 1 / (9 * (c + 1)) + 1.96 / (3 * math.sqrt(c + 1))) ** 3
    upper = k / m * math.exp(math.sqrt(math.log(up / k) ** 2 + r * r))
    low = c * (1 - 1 / (9 * c) - 1.96 / (3 * math.sqrt(c))) ** 3 if c else 0
    lower = c / m * math.exp(-math.sqrt(math.log(c / low) ** 2 + r * r)) if c and low > 0 else 0
    return lower, upper


def cohort(graph, scope, year, field, kind, leave_one_out):
    numbers = [n for n in sorted(graph.papers)
               if graph.papers[n].day is not None and year_of(graph.papers[n].day) == year
               and graph.papers[n].field == field and graph.papers[n].kind == kind]
    found = {n: member(graph, scope, n) for n in numbers}
    size = len(numbers)
    end = graph.coverage_end if scope.as_of is None else scope.as_of
    answer = {"size": size, "members": []}
    windows = [found[n][1] for n in numbers]
    for n in numbers:
        citations, c = found[n]
        below = sum(found[o][0] < citations for o in numbers)
        equal = sum(found[o][0] == citations for o in numbers) - 1
        row = {"paper": n, "citations": citations, "window": c, "below": below, "equal": equal,
               "provisional": end is None or year + 3 >= year_of(end), "lower": 0, "upper": 0, "mean": 0,
               "variance": 0}
        mean = Fraction(sum(windows), size)
        row["variance"] = sum((w - mean) ** 2 for w in windows) / max(1, size - 1)
        m = Fraction(sum(windows) - c, max(1, size - 1)) if leave_one_out else mean
        row["mean"] = m
        if size < COHORT_LEAST:
            row.update(percentile="COHORT_TOO_SMALL", fwci="COHORT_TOO_SMALL")
        else:
            row["percentile"] = 100 * (below + Fraction(equal, 2)) / (size - 1)
            row["fwci"] = Fraction(c) / m if m else "COHORT_UNCITED"
            if m:
                row["lower"], row["upper"] = interval(c, float(m), float(row["variance"]), size)
        answer["members"].append(row)
    return answer
