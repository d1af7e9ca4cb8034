/* merge_requests (app/models/merge_request.rb), as the importer of pull requests writes them. */
#pragma once

#include "importers/gitlab/row_table.h"

extern const TableColumns merge_request_columns;
extern const RowTable merge_request_table;
