/* A repository in the form of the data file, with everything that is generated written out. */
#pragma once

#include "spec/fake_github/repository.h"

/* (transfer full) */
json_t *dump_repository(const Repository *repository);
