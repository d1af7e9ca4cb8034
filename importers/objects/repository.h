/*
 * Gitlab::GithubImport::Importer::RepositoryImporter
 * (lib/gitlab/github_import/importer/repository_importer.rb): the mirror of the git repository, its default
 * branch, and the wiki. Repeatable: what is there already is not fetched again.
 */
#pragma once

#include "importers/stages/stage.h"

gboolean repository_import(Stage *stage, GError **error);
