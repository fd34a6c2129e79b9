"""A made corpus in which every rule of merging has work."""
import os
import sys

from harness import ROOT, SEED_FILE, read_lines


def made_lines(test, authors):
    """Lines in which every rule of merging has work: ids that join sources, disputed ids, merge lines, stubs that get
    records later, records in several versions, citation lines."""
    corpus = test.path("made.jsonl")
    test.run([test.generate, "--authors", str(authors), "--papers",
              str(authors), "--references", "5", "--seed", str(test.seed), "--output", corpus])
    lines = read_lines([corpus, SEED_FILE])
    os.remove(corpus)
    pick = test.random
    for number in pick.sample(range(authors), authors // 4):
        form = pick.randrange(6)
        if form == 0:    # another source claims the same DOI
            line = '{"type":"paper","id":"s2:%d","ids":["doi:10.5555/made.%d"],"title":"Again %d","date":"2001-05",' \
                   '"references":["local:p%d"],"updated":"2026-02-01"}' % (number + 7, number, number, number // 2)
        elif form == 1:  # the same source claims it twice: disputed
            line = '{"type":"paper","id":"local:q%d","ids":["doi:10.5555/made.%d"],"title":"Other %d",' \
                   '"source":"made"}' % (number, number, number)
        elif form == 2:  # a newer and an older version of the record
            line = '{"type":"paper","id":"local:p%d","title":"Version %d","date":"1999","updated":"20%d-01-01",' \
                   '"source":"made"}' % (number, number, pick.choice([15, 27]))
        elif form == 3:
            line = '{"type":"merge","from":"local:a%d","into":"local:a%d"}' \
                   % (number, (number + 1 + pick.randrange(authors - 1)) % authors)
        elif form == 4:
            ends = ("local:p%d" % number, "doi:10.5555/outside.%d" % number)
            line = '{"type":"citation","citing":"%s","cited":"%s","date":"2003-04"}' \
                   % (ends if number % 2 else ends[::-1])
        else:            # a stub that gets its record
            line = '{"type":"paper","id":"doi:10.5555/outside.%d","title":"Outside %d","date":"2010"}' \
                   % (number % 50, number % 50)
        lines.append(line.encode())
    return sorted(set(lines))
