/*
 * The program `hubferry` without its main(): the specs and the benchmarks build the same program with job
 * classes of their own.
 */
#pragma once

#include "protocol/worker_class.h"

/* Parses the command line, runs the command, returns the exit status. `tables` are the class tables of the
 * registry, each ended by an entry without name. */
int program_run(int argc, char **argv, const WorkerClass *const *tables, guint n_tables);
