"""What raw records say, for the oracle: ids in normal form, records that hold, and which ids are one thing.

Python's standard library only; shares no code with the programs.
"""
import collections
import datetime
import gzip
import json
import os
import re
import unicodedata

RANK = {scheme: rank for rank, scheme in enumerate(
    ["orcid", "doi", "arxiv", "pmid", "openalex", "s2", "acl", "dblp", "bibcode", "pmcid", "mag", "local", "ror",
     "name"])}
JOINING = {"doi", "arxiv", "pmid", "pmcid", "orcid"}
MOST_AUTHORS = 5000
EXTRA_LETTERS = str.maketrans({
    "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})


class Undecided(Exception):
    """The written rules alone do not decide these records."""


# --- ids, names, dates -----------------------------------------------------------------------------------------------

def fold(name):
    """A name as it is compared: NFKD, case folded, marks and invisible characters stripped, single blanks, Latin
    letters that do not decompose written plainly."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    kept = []
    for character in text:
        category = unicodedata.category(character)
        if category == "Cc" or category[0] == "Z":
            kept.append(" ")
        elif category != "Cf" and category[0] != "M":
            kept.append(character)
    return " ".join("".join(kept).translate(EXTRA_LETTERS).split())


def bare(text, *prefixes):
    """Without a URL in front."""
    text = str(text).strip()
    for prefix in prefixes:
        if text.lower().startswith(prefix):
            return text[len(prefix):]
    return text


def percent_decode(text):
    raw = re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m.group(1), 16)]), text.encode())
    return raw.decode("utf-8", "replace")


def ascii_lower(text):
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def normal(scheme, value):
    """`scheme:value` in its normal form."""
    if scheme == "doi":
        value = bare(value, "https://doi.org/", "http://doi.org/", "https://dx.doi.org/", "http://dx.doi.org/", "doi:")
        value = ascii_lower(percent_decode(value))
        if value.startswith("10.48550/arxiv."):
            return normal("arxiv", value[len("10.48550/arxiv."):])
    elif scheme == "arxiv":
        value = bare(value, "https://arxiv.org/abs/", "http://arxiv.org/abs/", "arxiv:")
        value = re.sub(r"v[0-9]+$", "", value)
    elif scheme == "openalex":
        value = bare(value, "https://openalex.org/", "http://openalex.org/").upper()
    elif scheme == "pmid":
        value = bare(value, "https://pubmed.ncbi.nlm.nih.gov/", "http://pubmed.ncbi.nlm.nih.gov/").strip("/")
        value = value.lstrip("0") or "0"
    elif scheme == "mag":
        value = str(value).lstrip("0") or "0"
    elif scheme == "pmcid":
        value = bare(value, "https://www.ncbi.nlm.nih.gov/pmc/articles/").strip("/").upper()
        value = value if value.startswith("PMC") else "PMC" + value
    elif scheme == "orcid":
        value = bare(value, "https://orcid.org/", "http://orcid.org/").upper().replace("-", "")
        value = "-".join(value[i:i + 4] for i in range(0, 16, 4))
    elif scheme == "name":
        value = fold(value)
    return "%s:%s" % (scheme, value)


def native_id(text):
    scheme, _, value = text.partition(":")
    return normal(scheme, value)


def id_order(text):
    scheme, _, value = text.partition(":")
    return RANK[scheme], value.encode()


def first_day(text):
    """(first day of the period as a date, year) of YYYY, YYYY-MM, YYYY-MM-DD; None without."""
    if not text:
        return None
    parts = [int(part) for part in str(text).split("-")]
    return datetime.date(*(parts + [1, 1])[:3])


def updated_of(text):
    """A point in time in a form that sorts."""
    if not text:
        return ""
    day, _, time = text.partition("T")
    time = time.rstrip("Z") or "00:00:00"
    whole, _, fraction = time.partition(".")
    return "%sT%s.%s" % (day, whole, fraction.ljust(6, "0"))


# --- reading ---------------------------------------------------------------------------------------------------------

# author_ids: (author id, another id that the paper gives this author) pairs.
Record = collections.namedtuple(
    "Record", "kind id source updated ids date authors truncated references author_ids")


def openalex_authors(work):
    """The list of author ids, each once, first position."""
    listed = []
    for authorship in work.get("authorships") or []:
        author = authorship.get("author") or {}
        if author.get("id"):
            listed.append(normal("openalex", author["id"]))
        else:
            name = fold(author.get("display_name") or authorship.get("raw_author_name") or "")
            if name:
                listed.append("name:" + name)
    return listed


def openalex_author_ids(work):
    pairs = set()
    for authorship in work.get("authorships") or []:
        author = authorship.get("author") or {}
        if author.get("id") and author.get("orcid"):
            pairs.add((normal("openalex", author["id"]), normal("orcid", author["orcid"])))
    return tuple(sorted(pairs))


def openalex_ids(entity, own):
    ids = {}
    for scheme, value in (entity.get("ids") or {}).items():
        if value and scheme in RANK and scheme != "openalex":
            ids[scheme] = value
    for scheme in ("doi", "orcid"):
        if entity.get(scheme):
            ids[scheme] = entity[scheme]
    found = {normal(scheme, value) for scheme, value in ids.items()}
    return frozenset(found - {own})


def openalex_record(entity, folder_updated):
    own = normal("openalex", entity["id"])
    letter = own[len("openalex:")]
    updated = updated_of(entity.get("updated_date") or entity.get("updated") or folder_updated)
    if letter == "A":
        return Record("author", own, "openalex", updated, openalex_ids(entity, own), None, (), False, (), ())
    if letter != "W":
        return None
    authors = openalex_authors(entity)
    references = tuple(normal("openalex", cited) for cited in entity.get("referenced_works") or [])
    date = entity.get("publication_date") or entity.get("publication_year")
    return Record("paper", own, "openalex", updated, openalex_ids(entity, own), first_day(date), tuple(authors),
                  len(entity.get("authorships") or []) == 100, references, openalex_author_ids(entity))


def native_record(line):
    own = native_id(line["id"])
    ids = frozenset(native_id(other) for other in line.get("ids", [])) - {own}
    source = line.get("source") or own.partition(":")[0]
    updated = updated_of(line.get("updated"))
    if line["type"] == "author":
        return Record("author", own, source, updated, ids, None, (), False, (), ())
    authors, pairs = [], set()
    for author in line.get("authors", [])[:MOST_AUTHORS]:
        authors.append(native_id(author["id"]) if author.get("id") else "name:" + fold(author["name"]))
        pairs.update((authors[-1], native_id(other)) for other in author.get("ids", []))
    truncated = line.get("authors_truncated", False) or len(line.get("authors", [])) > MOST_AUTHORS
    references = tuple(native_id(cited) for cited in line.get("references", []))
    return Record("paper", own, source, updated, ids, first_day(line.get("date")), tuple(authors), truncated,
                  references, tuple(sorted(pairs)))


class Dataset:
    """The records that hold, by (kind, primary id), and the lines beside them."""

    def __init__(self):
        self.records = {}
        self.citations = {}   # (citing, cited) -> first day or None
        self.merges = set()   # (kind, from, into)

    def add(self, record):
        if record is None:
            return
        key = (record.kind, record.id)
        old = self.records.get(key)
        if old is not None and old.updated == record.updated and old != record:
            raise Undecided("two different records of %s with the same updated" % record.id)
        if old is None or record.updated > old.updated:
            self.records[key] = record

    def add_native(self, line):
        kind = line["type"]
        if kind in ("author", "paper"):
            self.add(native_record(line))
        elif kind == "citation":
            key = (native_id(line["citing"]), native_id(line["cited"]))
            date = first_day(line.get("date"))
            if key in self.citations and self.citations[key] != date:
                raise Undecided("two different citation lines for %s > %s" % key)
            self.citations[key] = date
        elif kind == "merge":
            kinds = [line["entity"]] if line.get("entity") else kinds_of(line["from"], line["into"])
            for entity in kinds:
                self.merges.add((entity, native_id(line["from"]), native_id(line["into"])))
        else:
            raise Undecided("a line of type %s, of which this script knows no rule" % kind)

    def read(self, path, formats):
        if os.path.isdir(path):
            for folder, folders, names in sorted(os.walk(path)):
                folders.sort()
                for name in sorted(names):
                    self.read_snapshot_file(os.path.join(folder, name), formats)
            return
        self.read_file(path, formats)

    def read_snapshot_file(self, path, formats):
        if "/merged_ids/" in path:
            opener = gzip.open if path.endswith(".gz") else open
            with opener(path, "rt", encoding="utf-8") as rows:
                for row in list(rows)[1:]:
                    _, old, new = row.strip().split(",")[:3]
                    kind = {"A": "author", "W": "paper"}.get(old[0])
                    if kind:
                        self.merges.add((kind, normal("openalex", old), normal("openalex", new)))
        elif re.search(r"\.(gz|jsonl|json)$", path):
            self.read_file(path, formats)

    def read_file(self, path, formats):
        folder = re.search(r"updated_date=([0-9-]+)", path)
        opener = gzip.open if path.endswith(".gz") else open
        with opener(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                if not line.strip():
                    continue
                entity = json.loads(line)
                if formats == "openalex":
                    self.add(openalex_record(entity, folder.group(1) if folder else None))
                else:
                    self.add_native(entity)


def kinds_of(*ids):
    """What ids of these schemes can name."""
    for text in ids:
        scheme, _, value = text.partition(":")
        if scheme in ("orcid", "name") or (scheme == "openalex" and value[:1] in "Aa"):
            return ["author"]
        if scheme in ("doi", "arxiv", "pmid", "pmcid", "bibcode") or (scheme == "openalex" and value[:1] in "Ww"):
            return ["paper"]
    return ["author", "paper"]


# --- identity --------------------------------------------------------------------------------------------------------

class Entities:
    """Which ids are one thing, for one kind."""

    def __init__(self, kind, dataset):
        self.kind = kind
        self.parent = {}
        self.open = {}  # id that several sources claim without being joined -> claimants
        self.records = [record for record in dataset.records.values() if record.kind == kind]
        self.primary = {record.id for record in self.records}
        for record in self.records:
            self.root(record.id)
        self.disputed = {}  # id -> claimants
        for other, claimants in self.claims(dataset).items():
            sources = [source for source, _ in claimants]
            ids = sorted({claimant for _, claimant in claimants}, key=id_order)
            joins = len(ids) == 1 or other in self.primary or other.partition(":")[0] in JOINING
            if len(set(sources)) != len(sources):
                self.disputed[other] = ids
            elif joins:
                for claimant in ids:
                    self.union(other, claimant)
            else:
                self.open[other] = ids
        self.collect()
        for entity, old, new in sorted(dataset.merges):
            if entity == kind:
                self.union(self.resolve(old), self.resolve(new))
        self.collect()

    @staticmethod
    def claims_of(kind, dataset):
        """Who says which id is whose: (claimed, source, claimant)."""
        for record in dataset.records.values():
            if record.kind == kind:
                for other in record.ids:
                    yield other, record.source, record.id
            elif kind == "author":
                for author, other in record.author_ids:
                    yield other, record.source, author

    def claims(self, dataset):
        claims = collections.defaultdict(set)
        for claimed, source, claimant in self.claims_of(dataset=dataset, kind=self.kind):
            if claimed != claimant:
                claims[claimed].add((source, claimant))
        return claims

    def collect(self):
        self.members = collections.defaultdict(list)
        for record in self.records:
            self.members[self.root(record.id)].append(record)

    def root(self, text):
        if text not in self.parent:
            self.parent[text] = text
            return text
        while self.parent[text] != text:
            self.parent[text] = self.parent[self.parent[text]]
            text = self.parent[text]
        return text

    def union(self, a, b):
        self.parent[self.root(a)] = self.root(b)

    def resolve(self, text):
        claimants = self.disputed.get(text) or self.open.get(text)
        if claimants and text not in self.primary:
            return min((self.root(one) for one in claimants), key=lambda root: id_order(self.own_id(root, root)))
        return self.root(text)

    def own_id(self, root, fallback):
        records = self.members.get(root)
        return min((record.id for record in records), key=id_order) if records else fallback
