#include "importers/registry.h"
#include "spec/spec_worker/spec_workers.h"
#include "worker/program.h"

int main(int argc, char **argv)
{
    const WorkerClass *const tables[] = {importers_registry, spec_workers};
    return program_run(argc, argv, tables, G_N_ELEMENTS(tables));
}
