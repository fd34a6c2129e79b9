/* hirschd: finds the job, reads the options, runs it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/exit.h"
#include "base/log.h"
#include "base/standard.h"
#include "base/suggest.h"
#include "hirsch/version.h"
#include "server/child.h"
#include "server/crash.h"
#include "server/job.h"
#include "server/options.h"
#include "server/owner.h"

static const struct server_job *const jobs[] = {
    &server_job_serve,   &server_job_import,  &server_job_verify,
    &server_job_export,  &server_job_stat,    &server_job_curation,
    &server_job_backup,  &server_job_restore, &server_job_compact,
    &server_job_upgrade, &server_job_refresh, &server_job_log,
    &server_job_key,     &server_job_config,  NULL,
};

static const char *from_environment(const char *name)
{
    return getenv(name);
}

/* Atomic, because other threads than the one that takes the signal read the flag. */
static void on_stop(int number)
{
    (void)number;
    if (__atomic_exchange_n(&server_stop_requested, 1, __ATOMIC_RELAXED) != 0) {
        _exit(BASE_EXIT_INTERRUPTED);
    }
}

static void watch_signals(void)
{
    struct sigaction action = {.sa_handler = on_stop, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void print_overview(FILE *to)
{
    fputs("hirschd serves author profiles and paper metrics from one data directory.\n"
          "\n"
          "Usage: hirschd JOB [options] [arguments]\n"
          "\n"
          "Jobs:\n",
          to);
    for (size_t i = 0; jobs[i] != NULL; i++) {
        fprintf(to, "  %-10s %s\n", jobs[i]->name, jobs[i]->summary);
    }
    fputs("  version    Prints the version\n"
          "  help       Explains a job (hirschd help JOB) or all options (hirschd help options)\n"
          "\n"
          "Options are taken from flags, then HIRSCH_* variables, then the file of --config, then\n"
          "defaults. Start with:\n"
          "  hirschd import --data DIR --format openalex works.jsonl.gz\n"
          "  hirschd serve --data DIR\n",
          to);
}

static void print_job_help(const struct server_job *job)
{
    printf("%s.\n\nUsage: hirschd %s [options]%s%s\n\n%s\nOptions [default]:\n", job->summary,
           job->name, job->arguments[0] == '\0' ? "" : " ", job->arguments, job->help);
    server_options_print_help(job->options, stdout);
}

static const struct server_job *find_job(const char *name)
{
    for (size_t i = 0; jobs[i] != NULL; i++) {
        if (strcmp(jobs[i]->name, name) == 0) {
            return jobs[i];
        }
    }
    return NULL;
}

static int unknown_job(const char *name)
{
    enum { JOBS = sizeof jobs / sizeof jobs[0] };
    const char *names[JOBS + 2] = {"version", "help"};
    for (size_t i = 0; jobs[i] != NULL; i++) {
        names[i + 2] = jobs[i]->name;
    }
    const char *best = base_suggest(name, names);
    if (best != NULL) {
        fprintf(stderr, "hirschd: there is no job \"%s\"; did you mean \"%s\"?\n", name, best);
    } else {
        fprintf(stderr, "hirschd: there is no job \"%s\"; hirschd help lists them\n", name);
    }
    return BASE_EXIT_USAGE;
}

static int help_about(const char *topic)
{
    if (strcmp(topic, "options") == 0) {
        server_options_print_table(stdout);
        return BASE_EXIT_OK;
    }
    const struct server_job *job = find_job(topic);
    if (job == NULL) {
        return unknown_job(topic);
    }
    print_job_help(job);
    return BASE_EXIT_OK;
}

/* Of this run; settings point to them. */
static struct server_options *options;

/* What is run, likewise. */
static struct {
    const struct server_job *job;
    int argument_count;
    char **arguments;
} asked;

static int run_asked(const struct server_settings *settings, const char *argument)
{
    (void)argument;
    return asked.job->run(settings, asked.argument_count, asked.arguments);
}

/* LMDB tells readers apart by the numbers of their processes, and the daemon may be process 1 of
 * another container: what would be process 1 beside it is a child. */
static int run_settled(const struct server_settings *settings)
{
    bool is_first = getpid() == 1 && asked.job != &server_job_serve;
    int status = is_first ? server_child_run(asked.job->name, "run hirschd verify", run_asked,
                                             settings, NULL)
                          : run_asked(settings, NULL);
    server_owner_keep(settings->data);
    return status;
}

static int run_job(const struct server_job *job, int argument_count, char **arguments)
{
    struct server_settings settings;
    struct base_error error;
    if (argument_count > 0 && !job->takes_arguments) {
        fprintf(stderr, "hirschd %s takes no argument \"%s\"; see hirschd %s --help\n", job->name,
                arguments[0], job->name);
        return BASE_EXIT_USAGE;
    }
    enum base_code code = server_options_settle(options, job->name, job->options, from_environment,
                                                &settings, &error);
    if (code != BASE_OK) {
        fprintf(stderr, "hirschd %s: %s\n", job->name, error.text);
        return code == BASE_INVALID_ARGUMENT ? BASE_EXIT_USAGE : base_exit_of(code);
    }
    base_log_level_named(settings.log_level);
    base_log_format_named(settings.log_format);
    watch_signals();
    server_crash_watch(settings.data);
    asked.job = job;
    asked.argument_count = argument_count;
    asked.arguments = arguments;
    return run_settled(&settings);
}

static int dispatch(void)
{
    char **words;
    int count = server_options_words(options, &words);
    if (server_options_wants_version(options) || (count > 0 && strcmp(words[0], "version") == 0)) {
        printf("hirschd %s\n", HIRSCH_VERSION);
        return BASE_EXIT_OK;
    }
    if (count > 0 && strcmp(words[0], "help") == 0) {
        words++;
        count--;
        if (count > 0) {
            return help_about(words[0]);
        }
        print_overview(stdout);
        return BASE_EXIT_OK;
    }
    if (count == 0) {
        bool wanted = server_options_wants_help(options);
        print_overview(wanted ? stdout : stderr);
        return wanted ? BASE_EXIT_OK : BASE_EXIT_USAGE;
    }
    const struct server_job *job = find_job(words[0]);
    if (job == NULL) {
        return unknown_job(words[0]);
    }
    if (server_options_wants_help(options)) {
        print_job_help(job);
        return BASE_EXIT_OK;
    }
    return run_job(job, count - 1, words + 1);
}

int main(int argc, char **argv)
{
    struct base_error error;
    int first = argc > 0 ? 1 : 0;
    if (!base_standard_take()) {
        return BASE_EXIT_FAILED;
    }
    enum base_code code = server_options_parse(argc - first, argv + first, &options, &error);
    if (code != BASE_OK) {
        fprintf(stderr, "hirschd: %s\n", error.text);
        return code == BASE_INVALID_ARGUMENT ? BASE_EXIT_USAGE : base_exit_of(code);
    }
    int status = dispatch();
    server_options_free(options);
    if (fflush(stdout) != 0 && status == BASE_EXIT_OK) {
        fprintf(stderr, "hirschd: the output cannot be written\n");
        status = BASE_EXIT_IO;
    }
    return status;
}
