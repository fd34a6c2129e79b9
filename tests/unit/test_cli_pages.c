/* Whole pages, byte for byte, at three widths, with and without colour. The expected text stands in
 * pages/; running this program with HIRSCH_WRITE_PAGES=1 writes it anew, for a look at the
 * difference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cli/author_page.h"
#include "cli/paper_page.h"
#include "support/pages.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const lam_ids[] = {"local:max-lam"};

static const struct hirsch_reported_issue lam_issues[] = {
    {"H_INDEX_ABOVE_PAPERS", "h-index 27 needs at least 27 papers, but 3 papers are reported"},
    {"H_INDEX_ABOVE_CITATIONS",
     "h-index 27 needs at least 729 citations, but 477 citations are reported"},
};

static const struct hirsch_reported_metrics lam_reported[] = {{
    .source = "author profile page",
    .as_of = "",
    .has_h_index = true,
    .h_index = 27,
    .has_paper_count = true,
    .paper_count = 3,
    .has_citation_count = true,
    .citation_count = 477,
    .has_novelty = true,
    .novelty = 0.42,
    .has_ai_score = true,
    .ai_score = 35,
    .issue_count = COUNT(lam_issues),
    .issues = lam_issues,
}};

/* The author of the first page. */
static const struct hirsch_author lam = {
    .id = "local:max-lam",
    .id_count = 1,
    .ids = lam_ids,
    .display_name = "Max Lam",
    .primary_field = {"arxiv/cs.LG", "LG"},
    .metrics = {.paper_count = 3,
                .has_m_quotient = true,
                .m_quotient = 0,
                .has_years = true,
                .first_year = 2017,
                .last_year = 2025},
    .reported_count = 1,
    .reported = lam_reported,
};

static const struct hirsch_authorship lam_authors[3][4] = {
    {{.id = "name:ethan li", .name = "Ethan Li", .position = 1},
     {.id = "name:anders boesen lindbo larsen",
      .name = "Anders Boesen Lindbo Larsen",
      .position = 2},
     {.id = "name:chen zhang", .name = "Chen Zhang", .position = 3},
     {.id = "local:max-lam", .name = "Max Lam", .position = 0}},
    {{.id = "name:colby r. banbury", .name = "Colby R. Banbury", .position = 1},
     {.id = "name:vijay janapa reddi", .name = "Vijay Janapa Reddi", .position = 2},
     {.id = "local:max-lam", .name = "Max Lam", .position = 3}},
    {{.id = "name:dong yin", .name = "Dong Yin", .position = 1},
     {.id = "name:ashwin pananjady", .name = "Ashwin Pananjady", .position = 2},
     {.id = "local:max-lam", .name = "Max Lam", .position = 3}},
};

static const struct hirsch_affiliation lam_tags[] = {{"apple-ml", ""}, {"cmu", ""}};

static const struct hirsch_paper lam_papers[] = {
    {.id = "local:apple-intelligence-foundation-language-models-2025",
     .title = "Apple Intelligence Foundation Language Models: Tech Report 2025",
     .abstract_text =
         "Two language models, one made to run on the device and one for servers, are "
         "described from data to deployment. The sentence after this one is here so that "
         "the summary is longer than three lines at every width that the test asks for, "
         "which is why it goes on for quite a while and says little that anybody would "
         "want to read in a list of papers, and then it goes on even further to the end.",
     .publication_date = "2025-07-17",
     .primary_field = {"arxiv/cs.LG", "LG"},
     .author_count = 4,
     .authors = lam_authors[0],
     .authors_truncated = true,
     .affiliation_count = 2,
     .affiliations = lam_tags,
     .venue = ""},
    {.id = "local:benchmarking-tinyml-systems-2020",
     .title = "Benchmarking TinyML Systems: Challenges and Direction",
     .abstract_text = "Why small devices are hard to compare, and how a benchmark could be fair.",
     .publication_date = "2020-03",
     .primary_field = {"arxiv/cs.PF", "PF"},
     .author_count = 3,
     .authors = lam_authors[1],
     .authors_truncated = true,
     .venue = ""},
    {.id = "local:gradient-diversity-2017",
     .title = "Gradient Diversity: a Key Ingredient for Scalable Distributed Learning",
     .abstract_text = "",
     .publication_date = "2017",
     .primary_field = {"arxiv/cs.LG", "LG"},
     .author_count = 3,
     .authors = lam_authors[2],
     .authors_truncated = true,
     .venue = ""},
};

/* An author with everything: wide characters, many sources, hostile texts, years of citations. */
static const char *const full_ids[] = {"openalex:A5023888391", "orcid:0000-0001-6187-6610",
                                       "s2:1234567"};
static const char *const full_names[] = {"J. Priem", "Jason \x1b[31mPriem\x1b]0;owned\x07",
                                         "\xe6\x9d\x8e\xe6\x98\x8e \xe8\x8d\xa3"};
static const char *const full_disputed[] = {"pmid:12345"};
static const struct hirsch_affiliation full_affiliations[] = {
    {"OurResearch", "02nr0ka47"},
    {"University of North Carolina at Chapel Hill", "0130frc33"},
    {"\xe5\x8c\x97\xe4\xba\xac\xe5\xa4\xa7\xe5\xad\xa6", ""},
};
static const struct hirsch_author_year full_years[] = {
    {2010, 1, 0},  {2011, 2, 3},  {2012, 0, 17},  {2013, 3, 40},   {2014, 0, 0},
    {2015, 1, 88}, {2016, 0, 90}, {2017, 0, 120}, {2018, 4, 1042}, {2019, 0, 950},
};
static const struct hirsch_reported_metrics full_reported[] = {
    {.source = "openalex",
     .as_of = "2023-08-11",
     .has_paper_count = true,
     .paper_count = 53,
     .has_citation_count = true,
     .citation_count = 3021,
     .has_h_index = true,
     .h_index = 17,
     .has_i10_index = true,
     .i10_index = 19},
    {.source = "a page\x9b"
               "31m with a very long name that has to be wrapped at sixty columns at least",
     .as_of = "2020",
     .has_novelty = true,
     .novelty = 0.4251,
     .has_ai_score = true,
     .ai_score = 35.5},
    {.source = "third", .as_of = "2019-12", .has_h_index = true, .h_index = 12},
    {.source = "fourth", .as_of = "", .has_h_index = true, .h_index = 11},
};
static const struct hirsch_author full = {
    .id = "openalex:A5023888391",
    .id_count = COUNT(full_ids),
    .ids = full_ids,
    .display_name = "Jason Priem",
    .alternative_name_count = COUNT(full_names),
    .alternative_names = full_names,
    .primary_field = {"openalex/1804", "Statistics, Probability and Uncertainty"},
    .affiliation_count = COUNT(full_affiliations),
    .affiliations = full_affiliations,
    .metrics = {.paper_count = 11,
                .citation_count = 2350,
                .citing_paper_count = 2001,
                .h_index = 9,
                .g_index = 11,
                .i10_index = 9,
                .i100_index = 4,
                .has_m_quotient = true,
                .m_quotient = 0.9,
                .self_citation_count = 12,
                .has_years = true,
                .first_year = 2010,
                .last_year = 2019,
                .counts_by_year_count = COUNT(full_years),
                .counts_by_year = full_years},
    .reported_count = COUNT(full_reported),
    .reported = full_reported,
    .disputed_id_count = 1,
    .disputed_ids = full_disputed,
};

static const struct hirsch_affiliation peking[] = {
    {"\xe5\x8c\x97\xe4\xba\xac\xe5\xa4\xa7\xe5\xad\xa6", ""}};
static const struct hirsch_authorship full_authors[] = {
    {.id = "name:\xe6\x9d\x8e\xe6\x98\x8e",
     .name = "\xe6\x9d\x8e\xe6\x98\x8e",
     .position = 1,
     .affiliation_count = 1,
     .affiliations = peking},
    {.id = "openalex:A2",
     .name = "M\xc3\xbcller",
     .position = 2,
     .affiliation_count = 1,
     .affiliations = peking},
};
static const char *const full_paper_ids[] = {"doi:10.7717/peerj.4375", "openalex:W2741809807"};
static const struct hirsch_paper_year full_paper_years[] = {{2018, 42}, {2019, 118}, {2020, 7}};
static const struct hirsch_reported_metrics full_paper_reported[] = {{.source = "openalex",
                                                                      .as_of = "2023-08-11",
                                                                      .has_citation_count = true,
                                                                      .citation_count = 831}};
static const struct hirsch_paper full_paper = {
    .id = "doi:10.7717/peerj.4375",
    .id_count = 2,
    .ids = full_paper_ids,
    .title = "The state of OA:\n\ta large-scale analysis \xe2\x80\xae"
             "fo\xe2\x80\xac "
             "\xe5\xbc\x80\xe6\x94\xbe\xe8\x8e\xb7\xe5\x8f\x96\xe7\x9a\x84\xe7\x8e\xb0\xe7\x8a\xb6",
    .abstract_text =
        "Despite growing interest in Open Access (OA) to scholarly literature, there is "
        "an unmet need for large-scale, up-to-date, and reproducible studies assessing "
        "the prevalence and characteristics of OA.",
    .publication_date = "2018-02-13",
    .primary_field = {"openalex/1804", "Statistics, Probability and Uncertainty"},
    .kind = HIRSCH_PAPER_KIND_ARTICLE,
    .venue = "PeerJ",
    .author_count = COUNT(full_authors),
    .authors = full_authors,
    .refereed = HIRSCH_KNOWN_TRUE,
    .retracted = HIRSCH_KNOWN_TRUE,
    .metrics = {.citation_count = 1167,
                .reference_count = 47,
                .self_citation_count = 3,
                .counts_by_year_count = COUNT(full_paper_years),
                .counts_by_year = full_paper_years},
    .reported_count = 1,
    .reported = full_paper_reported,
};
static const struct hirsch_paper stub = {
    .id = "doi:10.1/cited",
    .title = "",
    .abstract_text = "",
    .publication_date = "",
    .primary_field = {"", ""},
    .venue = "",
    .metrics = {.citation_count = 1},
    .stub = true,
};

static void render_first(struct base_buffer *out, const struct cli_screen *screen)
{
    cli_author_head(out, &lam, screen);
    cli_author_papers(out, lam.id, lam_papers, COUNT(lam_papers), COUNT(lam_papers), screen);
}

static void render_full(struct base_buffer *out, const struct cli_screen *screen)
{
    const struct hirsch_paper papers[] = {full_paper, stub};
    cli_author_head(out, &full, screen);
    cli_author_papers(out, full.id, papers, 2, 1011, screen);
}

static void render_paper(struct base_buffer *out, const struct cli_screen *screen)
{
    cli_paper_page(out, &full_paper, screen);
    base_buffer_append_text(out, "----\n");
    cli_paper_page(out, &stub, screen);
}

static void render_rows(struct base_buffer *out, const struct cli_screen *screen)
{
    struct hirsch_author nobody = {
        .id = "name:\xe6\x9d\x8e\xe6\x98\x8e", .display_name = "", .primary_field = {"", ""}};
    cli_author_row_heading(out, screen);
    cli_author_row(out, &lam, screen);
    cli_author_row(out, &full, screen);
    cli_author_row(out, &nobody, screen);
}

static const struct page {
    const char *name;
    void (*render)(struct base_buffer *out, const struct cli_screen *screen);
} pages[] = {
    {"first", render_first}, {"full", render_full}, {"paper", render_paper}, {"rows", render_rows}};

static const struct {
    const char *name;
    struct cli_screen screen;
} screens[] = {
    {"60", {60, false, true}},        {"80", {80, false, true}},
    {"120", {120, false, true}},      {"60_colour", {60, true, true}},
    {"80_colour", {80, true, true}},  {"120_colour", {120, true, true}},
    {"80_ascii", {80, false, false}}, {"48_colour_ascii", {48, true, false}},
};

static void test_pages(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(pages); i++) {
        for (size_t j = 0; j < COUNT(screens); j++) {
            struct base_buffer page = BASE_BUFFER_EMPTY;
            pages[i].render(&page, &screens[j].screen);
            pages_compare(pages[i].name, screens[j].name, &page);
            base_buffer_fini(&page);
        }
    }
}

static size_t next_line(struct base_slice rest)
{
    const char *end = memchr(rest.data, '\n', rest.size);
    return end == NULL ? rest.size : (size_t)(end - rest.data) + 1;
}

/* No line is wider than the screen, and no byte of a record reaches the terminal as a command. */
static void test_lines_are_narrow_and_harmless(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(pages); i++) {
        for (unsigned width = CLI_WIDTH_LEAST; width <= 130; width++) {
            const struct cli_screen screen = {width, false, true};
            struct base_buffer page = BASE_BUFFER_EMPTY;
            pages[i].render(&page, &screen);
            struct base_slice rest = base_buffer_slice(&page);
            while (rest.size > 0) {
                size_t size = next_line(rest);
                size_t columns = cli_columns(base_slice(rest.data, size - 1));
                /* The sentences of our own are made for 60 columns. */
                if (columns > (width < 60 ? 60 : width)) {
                    fail_msg("%s at %u: %zu columns: %.*s", pages[i].name, width, columns,
                             (int)size, rest.data);
                }
                rest = base_slice(rest.data + size, rest.size - size);
            }
            for (size_t at = 0; at < page.size; at++) {
                unsigned char byte = (unsigned char)page.data[at];
                assert_true(byte == '\n' || (byte >= 0x20 && byte != 0x7f));
                assert_false(byte == 0xc2 && (unsigned char)page.data[at + 1] < 0xa0);
            }
            base_buffer_fini(&page);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_lines_are_narrow_and_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
