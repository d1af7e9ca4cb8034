/*
 * The importers' metrics under GitLab's names (lib/gitlab/github_import/client.rb), in Prometheus's text
 * form. Thread-safe.
 */
#pragma once

#include <glib.h>

void importer_metrics_render(GString *text);
