#include "base/exit.h"
#include "base/standard.h"
#include "cli/command.h"

int main(int argc, char **argv)
{
    return base_standard_take() ? cli_run(argc, argv) : BASE_EXIT_FAILED;
}
