#include "importers/registry.h"
#include "worker/program.h"

int main(int argc, char **argv)
{
    const WorkerClass *const tables[] = {importers_registry};
    return program_run(argc, argv, tables, G_N_ELEMENTS(tables));
}
