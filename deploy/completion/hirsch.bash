# Completion of hirsch for bash: commands, their options, the values of options, services and methods.
# Installed as share/bash-completion/completions/hirsch; or: source hirsch.bash

_hirsch_commands="author papers paper metrics search coauthors citations references resolve sample put delete call health bench version help"
_hirsch_methods="AuthorService/GetAuthor AuthorService/BatchGetAuthors AuthorService/ListAuthorPapers
    AuthorService/ListCoauthors AuthorService/SearchAuthors PaperService/GetPaper PaperService/BatchGetPapers
    PaperService/ListCitations PaperService/ListReferences PaperService/SearchPapers
    MetricsService/ComputeMetrics MetricsService/GetTimeline MetricsService/ExplainMetric MetricsService/GetPaperMetrics
    MetricsService/BatchGetPaperMetrics DatasetService/GetDataset
    DatasetService/SampleIds DatasetService/ResolveIds DatasetService/RefreshCohorts
    RecordService/PutRecords RecordService/DeleteRecords Health/Check"
_hirsch_always="--server --timeout --key-file --color --help"

# Words that end the option before them: its value is not the command.
_hirsch_takes_value()
{
    case $1 in
        -s|--server|--timeout|--key-file|--color|--limit|--wait|--field|--year|--count|--seed|--kind) return 0 ;;
        --parallel|--resume) return 0 ;;
        --as-of|--self-citations|--counting|--position|--years|--groups|--explain|--days) return 0 ;;
        -c|--rate|--arrivals|--connections|--depth|--duration|--warmup|--client|--processes|--workload) return 0 ;;
        --keys|--ids|--sample|--verify|--max-lag|--repeat|--sweep|--find-knee|--slo|--html|--hgrm) return 0 ;;
        --tolerance) return 0 ;;
    esac
    return 1
}

_hirsch_options()
{
    case $1 in
        "") echo "--version" ;;
        author) echo "--json" ;;
        paper) echo "--json --metrics --as-of --self-citations" ;;
        metrics) echo "--json --csv --limit --as-of --self-citations --counting --position --years --field --groups --explain
            --timeline --days --compare" ;;
        papers|coauthors|citations|references) echo "--json --csv --limit" ;;
        search) echo "--json --csv --limit --papers --field --year" ;;
        resolve) echo "--json --csv" ;;
        sample) echo "--count --seed --stubs" ;;
        put) echo "--json --parallel --resume --quiet" ;;
        delete) echo "--json --kind --parallel" ;;
        health) echo "--json --wait" ;;
        bench) echo "--json --csv --seed --rate --arrivals --closed --connections --depth --duration --warmup --client
            --processes --workload --keys --ids --sample --verify --max-lag --repeat --sweep --find-knee --slo --html
            --hgrm --tolerance" ;;
        call) echo "--json" ;;
        version) echo "--json --version" ;;
    esac
}

_hirsch()
{
    local word before command="" place=0 i
    COMPREPLY=()
    word=${COMP_WORDS[COMP_CWORD]}
    before=${COMP_WORDS[COMP_CWORD-1]}
    # The command and how many arguments of its own stand before the word.
    for ((i = 1; i < COMP_CWORD; i++)); do
        if _hirsch_takes_value "${COMP_WORDS[i]}"; then
            i=$((i + 1))
        elif [[ ${COMP_WORDS[i]} == -?* ]]; then
            :
        elif [[ -z $command ]]; then
            command=${COMP_WORDS[i]}
        else
            place=$((place + 1))
        fi
    done
    if [[ $before == --color ]]; then
        COMPREPLY=($(compgen -W "auto always never" -- "$word"))
    elif [[ $before == --arrivals ]]; then
        COMPREPLY=($(compgen -W "poisson uniform" -- "$word"))
    elif [[ $before == --client ]]; then
        COMPREPLY=($(compgen -W "sp libhirsch" -- "$word"))
    elif [[ $before == --kind ]]; then
        COMPREPLY=($(compgen -W "author paper citation merge suppress" -- "$word"))
    elif [[ $before == --self-citations ]]; then
        COMPREPLY=($(compgen -W "include own coauthor set" -- "$word"))
    elif [[ $before == --counting ]]; then
        COMPREPLY=($(compgen -W "full fractional" -- "$word"))
    elif [[ $before == --position ]]; then
        COMPREPLY=($(compgen -W "any first last first-or-last single" -- "$word"))
    elif [[ $before == --groups ]]; then
        COMPREPLY=($(compgen -W "basic citations indicators histograms timeline buckets" -- "$word"))
    elif [[ $before == --explain ]]; then
        COMPREPLY=($(compgen -W "h g i10 cd fwci percentile" -- "$word"))
    elif [[ $before == --key-file || $before == --resume || $before == --workload || $before == --ids || $before == --html || $before == --hgrm ]]; then
        COMPREPLY=($(compgen -f -- "$word"))
    elif _hirsch_takes_value "$before"; then
        return
    elif [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$(_hirsch_options "$command") $_hirsch_always" -- "$word"))
    elif [[ -z $command ]]; then
        COMPREPLY=($(compgen -W "$_hirsch_commands" -- "$word"))
    elif [[ $command == put ]]; then
        COMPREPLY=($(compgen -f -- "$word"))
    elif [[ $place -eq 0 ]]; then
        case $command in
            call) COMPREPLY=($(compgen -W "$_hirsch_methods" -- "$word")) ;;
            sample) COMPREPLY=($(compgen -W "authors papers" -- "$word")) ;;
            bench) COMPREPLY=($(compgen -W "compare" -- "$word")) ;;
            help) COMPREPLY=($(compgen -W "$_hirsch_commands" -- "$word")) ;;
        esac
    fi
}

complete -F _hirsch hirsch
