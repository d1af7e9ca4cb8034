/*
 * Job classes for the specs and the benchmarks, with the names and the effects of spec/ruby/test_workers.rb.
 */
#pragma once

#include "protocol/worker_class.h"

extern const WorkerClass spec_workers[];
