/*
 * The table of contents: every GitLab worker class that hubferry performs or enqueues, one line each. Ended
 * by an entry without name.
 */
#pragma once

#include "protocol/worker_class.h"

extern const WorkerClass importers_registry[];
