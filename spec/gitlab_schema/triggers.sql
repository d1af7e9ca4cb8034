-- GitLab's triggers on the tables of columns.csv, except the plain sharding-key copies (sharding_keys.csv).
-- Left out: the CI catalogue's trigger on projects and those of integrations, which fire for no import.

-- Rows that belong to a note take the namespace of its project, or the note's own when it has no project.

CREATE FUNCTION get_sharding_key_from_notes_table() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  note_project_id bigint;
  note_namespace_id bigint;
BEGIN
  IF NEW.note_id IS NOT NULL AND NEW.namespace_id IS NULL THEN
    SELECT project_id, namespace_id INTO note_project_id, note_namespace_id FROM notes WHERE id = NEW.note_id;
    IF note_project_id IS NOT NULL THEN
      SELECT project_namespace_id INTO NEW.namespace_id FROM projects WHERE id = note_project_id;
    ELSE
      NEW.namespace_id := note_namespace_id;
    END IF;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER set_namespace_for_system_note_metadata_on_insert BEFORE INSERT ON system_note_metadata
  FOR EACH ROW EXECUTE FUNCTION get_sharding_key_from_notes_table();
CREATE TRIGGER set_sharding_key_for_suggestions_on_insert_and_update BEFORE INSERT OR UPDATE ON suggestions
  FOR EACH ROW EXECUTE FUNCTION get_sharding_key_from_notes_table();
CREATE TRIGGER set_sharding_key_for_diff_note_positions_on_insert_and_update BEFORE INSERT OR UPDATE ON diff_note_positions
  FOR EACH ROW EXECUTE FUNCTION get_sharding_key_from_notes_table();
CREATE TRIGGER set_sharding_key_for_note_metadata_on_insert_and_update BEFORE INSERT OR UPDATE ON note_metadata
  FOR EACH ROW EXECUTE FUNCTION get_sharding_key_from_notes_table();

-- This one overwrites whatever the writer gave.
CREATE FUNCTION ensure_note_diff_files_sharding_key() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  note_project_id bigint;
BEGIN
  SELECT project_id, namespace_id INTO note_project_id, NEW.namespace_id FROM notes WHERE id = NEW.diff_note_id;
  IF note_project_id IS NOT NULL THEN
    SELECT project_namespace_id INTO NEW.namespace_id FROM projects WHERE id = note_project_id;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER trigger_ensure_note_diff_files_sharding_key BEFORE INSERT ON note_diff_files
  FOR EACH ROW EXECUTE FUNCTION ensure_note_diff_files_sharding_key();

CREATE FUNCTION todos_sharding_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF num_nonnulls(NEW.organization_id, NEW.group_id, NEW.project_id) <> 1 THEN
    IF NEW.project_id IS NOT NULL THEN
      NEW.organization_id := NULL;
      NEW.group_id := NULL;
    ELSIF NEW.group_id IS NOT NULL THEN
      NEW.organization_id := NULL;
    ELSE
      SELECT organization_id INTO NEW.organization_id FROM users WHERE id = NEW.user_id;
    END IF;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER trigger_todos_sharding_key BEFORE INSERT OR UPDATE ON todos
  FOR EACH ROW EXECUTE FUNCTION todos_sharding_key();

-- Notes of a project carry no namespace; the column is being cleaned on the way.

CREATE FUNCTION trigger_817aa51bc4f2() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.namespace_id := NULL;
  RETURN NEW;
END $$;

CREATE TRIGGER trigger_817aa51bc4f2 BEFORE UPDATE ON notes
  FOR EACH ROW WHEN (NEW.namespace_id IS NOT NULL AND NEW.project_id IS NOT NULL)
  EXECUTE FUNCTION trigger_817aa51bc4f2();

-- Issues: system work item types are the ids up to 9, custom ones begin at 1001; positions and transitions are mirrored.

CREATE FUNCTION validate_work_item_type_id_is_valid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.work_item_type_id <= 9 THEN
    RETURN NEW;
  END IF;
  IF NEW.work_item_type_id < 1001 THEN
    RAISE EXCEPTION 'Work item type ID % is not valid', NEW.work_item_type_id;
  END IF;
  PERFORM 1 FROM work_item_custom_types WHERE id = NEW.work_item_type_id FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'Work item custom type % does not exist', NEW.work_item_type_id;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER validate_work_item_type_on_insert_or_update_issues BEFORE INSERT OR UPDATE OF work_item_type_id ON issues
  FOR EACH ROW WHEN (NEW.work_item_type_id IS NOT NULL) EXECUTE FUNCTION validate_work_item_type_id_is_valid();

CREATE FUNCTION sync_work_item_positions_from_issues() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  namespace namespaces;
  parent_type text;
  positioning_namespace_id bigint;
BEGIN
  SELECT * INTO namespace FROM namespaces WHERE id = NEW.namespace_id;
  SELECT type INTO parent_type FROM namespaces WHERE id = namespace.parent_id;
  IF parent_type IS NULL OR parent_type = 'User' THEN
    positioning_namespace_id := NEW.namespace_id;
  ELSE
    positioning_namespace_id := namespace.traversal_ids[1];
  END IF;
  INSERT INTO work_item_positions
    (work_item_id, namespace_id, relative_position, relative_positioning_namespace_id, created_at, updated_at)
  VALUES (NEW.id, NEW.namespace_id, NEW.relative_position, positioning_namespace_id, now(), now())
  ON CONFLICT (work_item_id) DO UPDATE SET
    namespace_id = EXCLUDED.namespace_id,
    relative_position = EXCLUDED.relative_position,
    relative_positioning_namespace_id = EXCLUDED.relative_positioning_namespace_id,
    updated_at = EXCLUDED.updated_at;
  RETURN NULL;
END $$;

CREATE TRIGGER trigger_sync_work_item_positions_from_issues
  AFTER INSERT OR UPDATE OF relative_position, namespace_id ON issues
  FOR EACH ROW EXECUTE FUNCTION sync_work_item_positions_from_issues();

CREATE FUNCTION sync_work_item_transitions_from_issues() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO work_item_transitions (work_item_id, namespace_id, moved_to_id, duplicated_to_id, promoted_to_epic_id)
  VALUES (NEW.id, NEW.namespace_id, NEW.moved_to_id, NEW.duplicated_to_id, NEW.promoted_to_epic_id)
  ON CONFLICT (work_item_id) DO UPDATE SET
    namespace_id = EXCLUDED.namespace_id,
    moved_to_id = EXCLUDED.moved_to_id,
    duplicated_to_id = EXCLUDED.duplicated_to_id,
    promoted_to_epic_id = EXCLUDED.promoted_to_epic_id;
  RETURN NULL;
END $$;

CREATE TRIGGER trigger_sync_work_item_transitions_from_issues
  AFTER INSERT OR UPDATE OF moved_to_id, duplicated_to_id, promoted_to_epic_id, namespace_id ON issues
  FOR EACH ROW EXECUTE FUNCTION sync_work_item_transitions_from_issues();

CREATE FUNCTION sync_issues_dates_with_work_item_dates_sources() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE issues SET start_date = NEW.start_date, due_date = NEW.due_date WHERE id = NEW.issue_id;
  RETURN NULL;
END $$;

CREATE TRIGGER trigger_sync_issues_dates_with_work_item_dates_sources
  AFTER INSERT OR UPDATE OF start_date, due_date ON work_item_dates_sources
  FOR EACH ROW EXECUTE FUNCTION sync_issues_dates_with_work_item_dates_sources();

-- Merge request diffs: the hex and the binary copies of three shas stay in step; the text wins.

CREATE FUNCTION merge_request_diffs_sync_bytea_sha_on_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.base_commit_sha IS NOT NULL THEN
    NEW.base_commit_sha_bytea := decode(NEW.base_commit_sha, 'hex');
  ELSIF NEW.base_commit_sha_bytea IS NOT NULL THEN
    NEW.base_commit_sha := encode(NEW.base_commit_sha_bytea, 'hex');
  END IF;
  IF NEW.start_commit_sha IS NOT NULL THEN
    NEW.start_commit_sha_bytea := decode(NEW.start_commit_sha, 'hex');
  ELSIF NEW.start_commit_sha_bytea IS NOT NULL THEN
    NEW.start_commit_sha := encode(NEW.start_commit_sha_bytea, 'hex');
  END IF;
  IF NEW.head_commit_sha IS NOT NULL THEN
    NEW.head_commit_sha_bytea := decode(NEW.head_commit_sha, 'hex');
  ELSIF NEW.head_commit_sha_bytea IS NOT NULL THEN
    NEW.head_commit_sha := encode(NEW.head_commit_sha_bytea, 'hex');
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION merge_request_diffs_sync_bytea_sha_on_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.base_commit_sha IS DISTINCT FROM OLD.base_commit_sha THEN
    NEW.base_commit_sha_bytea := decode(NEW.base_commit_sha, 'hex');
  ELSIF NEW.base_commit_sha_bytea IS DISTINCT FROM OLD.base_commit_sha_bytea THEN
    NEW.base_commit_sha := encode(NEW.base_commit_sha_bytea, 'hex');
  END IF;
  IF NEW.start_commit_sha IS DISTINCT FROM OLD.start_commit_sha THEN
    NEW.start_commit_sha_bytea := decode(NEW.start_commit_sha, 'hex');
  ELSIF NEW.start_commit_sha_bytea IS DISTINCT FROM OLD.start_commit_sha_bytea THEN
    NEW.start_commit_sha := encode(NEW.start_commit_sha_bytea, 'hex');
  END IF;
  IF NEW.head_commit_sha IS DISTINCT FROM OLD.head_commit_sha THEN
    NEW.head_commit_sha_bytea := decode(NEW.head_commit_sha, 'hex');
  ELSIF NEW.head_commit_sha_bytea IS DISTINCT FROM OLD.head_commit_sha_bytea THEN
    NEW.head_commit_sha := encode(NEW.head_commit_sha_bytea, 'hex');
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER merge_request_diffs_sync_bytea_sha_on_insert BEFORE INSERT ON merge_request_diffs
  FOR EACH ROW EXECUTE FUNCTION merge_request_diffs_sync_bytea_sha_on_insert();
CREATE TRIGGER merge_request_diffs_sync_bytea_sha_on_update
  BEFORE UPDATE OF base_commit_sha, start_commit_sha, head_commit_sha,
                   base_commit_sha_bytea, start_commit_sha_bytea, head_commit_sha_bytea ON merge_request_diffs
  FOR EACH ROW EXECUTE FUNCTION merge_request_diffs_sync_bytea_sha_on_update();

-- Diff commits are copied into their partitioned successor once they point at their metadata.

CREATE FUNCTION table_sync_function_0992e728d3_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO merge_request_diff_commits_b5377a7a34
    (merge_request_commits_metadata_id, project_id, merge_request_diff_id, relative_order)
  SELECT merge_request_commits_metadata_id, project_id, merge_request_diff_id, relative_order FROM new_table
  WHERE merge_request_commits_metadata_id IS NOT NULL AND project_id IS NOT NULL;
  RETURN NULL;
END $$;

CREATE FUNCTION table_sync_function_0992e728d3_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM merge_request_diff_commits_b5377a7a34 copy USING old_table
  WHERE copy.merge_request_diff_id = old_table.merge_request_diff_id
    AND copy.relative_order = old_table.relative_order
    AND copy.project_id = old_table.project_id;
  RETURN NULL;
END $$;

CREATE TRIGGER table_sync_trigger_57c8465cd7_insert AFTER INSERT ON merge_request_diff_commits
  REFERENCING NEW TABLE AS new_table FOR EACH STATEMENT EXECUTE FUNCTION table_sync_function_0992e728d3_insert();
CREATE TRIGGER table_sync_trigger_57c8465cd7_delete AFTER DELETE ON merge_request_diff_commits
  REFERENCING OLD TABLE AS old_table FOR EACH STATEMENT EXECUTE FUNCTION table_sync_function_0992e728d3_delete();

CREATE FUNCTION nullify_merge_request_metrics_build_data() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.pipeline_id IS NOT NULL AND NEW.pipeline_id IS NULL THEN
    NEW.latest_build_started_at := NULL;
    NEW.latest_build_finished_at := NULL;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER nullify_merge_request_metrics_build_data_on_update BEFORE UPDATE ON merge_request_metrics
  FOR EACH ROW EXECUTE FUNCTION nullify_merge_request_metrics_build_data();

-- Projects and namespaces: the description is mirrored in namespace_details; CI hears of moves through sync events.

CREATE FUNCTION update_namespace_details_from_projects() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO namespace_details
    (description, description_html, cached_markdown_version, updated_at, created_at, namespace_id)
  VALUES (NEW.description, NEW.description_html, NEW.cached_markdown_version, NEW.updated_at, NEW.updated_at,
          NEW.project_namespace_id)
  ON CONFLICT (namespace_id) DO UPDATE SET
    description = NEW.description,
    description_html = NEW.description_html,
    cached_markdown_version = NEW.cached_markdown_version,
    updated_at = NEW.updated_at
  WHERE namespace_details.namespace_id = NEW.project_namespace_id;
  RETURN NULL;
END $$;

CREATE TRIGGER trigger_update_details_on_project_insert AFTER INSERT ON projects
  FOR EACH ROW EXECUTE FUNCTION update_namespace_details_from_projects();
CREATE TRIGGER trigger_update_details_on_project_update AFTER UPDATE ON projects
  FOR EACH ROW WHEN (OLD.description IS DISTINCT FROM NEW.description
                     OR OLD.description_html IS DISTINCT FROM NEW.description_html
                     OR OLD.cached_markdown_version IS DISTINCT FROM NEW.cached_markdown_version)
  EXECUTE FUNCTION update_namespace_details_from_projects();

CREATE FUNCTION insert_projects_sync_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO projects_sync_events (project_id) VALUES (NEW.id);
  RETURN NULL;
END $$;

CREATE TRIGGER trigger_projects_parent_id_on_insert AFTER INSERT ON projects
  FOR EACH ROW EXECUTE FUNCTION insert_projects_sync_event();
CREATE TRIGGER trigger_projects_parent_id_on_update AFTER UPDATE ON projects
  FOR EACH ROW WHEN (OLD.namespace_id IS DISTINCT FROM NEW.namespace_id) EXECUTE FUNCTION insert_projects_sync_event();
CREATE TRIGGER trigger_projects_organization_id_on_update AFTER UPDATE ON projects
  FOR EACH ROW WHEN (OLD.organization_id IS DISTINCT FROM NEW.organization_id)
  EXECUTE FUNCTION insert_projects_sync_event();

CREATE FUNCTION insert_namespaces_sync_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO namespaces_sync_events (namespace_id) VALUES (NEW.id);
  RETURN NULL;
END $$;

CREATE TRIGGER trigger_namespaces_traversal_ids_on_update AFTER UPDATE ON namespaces
  FOR EACH ROW WHEN (OLD.traversal_ids IS DISTINCT FROM NEW.traversal_ids)
  EXECUTE FUNCTION insert_namespaces_sync_event();
CREATE TRIGGER trigger_namespaces_organization_id_on_update AFTER UPDATE ON namespaces
  FOR EACH ROW WHEN (OLD.organization_id IS DISTINCT FROM NEW.organization_id)
  EXECUTE FUNCTION insert_namespaces_sync_event();

CREATE FUNCTION delete_associated_project_namespace() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM namespaces WHERE id = OLD.project_namespace_id AND type = 'Project';
  RETURN NULL;
END $$;

CREATE TRIGGER trigger_delete_project_namespace_on_project_delete AFTER DELETE ON projects
  FOR EACH ROW WHEN (OLD.project_namespace_id IS NOT NULL) EXECUTE FUNCTION delete_associated_project_namespace();

CREATE FUNCTION prevent_delete_of_default_organization() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.id = 1 THEN
    RAISE EXCEPTION 'Deletion of the default Organization is not allowed.';
  END IF;
  RETURN OLD;
END $$;

CREATE TRIGGER prevent_delete_of_default_organization_before_destroy BEFORE DELETE ON organizations
  FOR EACH ROW EXECUTE FUNCTION prevent_delete_of_default_organization();

CREATE FUNCTION sync_project_authorizations_to_migration_table() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM project_authorizations_for_migration WHERE user_id = OLD.user_id AND project_id = OLD.project_id;
    INSERT INTO project_authorizations_for_migration (user_id, project_id, access_level)
    SELECT user_id, project_id, min(access_level) FROM project_authorizations
    WHERE user_id = OLD.user_id AND project_id = OLD.project_id GROUP BY user_id, project_id;
  ELSE
    INSERT INTO project_authorizations_for_migration (user_id, project_id, access_level)
    VALUES (NEW.user_id, NEW.project_id, NEW.access_level)
    ON CONFLICT (user_id, project_id) DO UPDATE SET access_level = EXCLUDED.access_level;
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER sync_project_authorizations_to_migration AFTER INSERT OR UPDATE OR DELETE ON project_authorizations
  FOR EACH ROW EXECUTE FUNCTION sync_project_authorizations_to_migration_table();

-- Loose foreign keys: a deletion leaves one row per id for the cleanup worker.

CREATE FUNCTION insert_into_loose_foreign_keys_deleted_records() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO loose_foreign_keys_deleted_records (fully_qualified_table_name, primary_key_value)
  SELECT TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, id FROM old_table;
  RETURN NULL;
END $$;

CREATE FUNCTION insert_into_loose_foreign_keys_deleted_records_override_table() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO loose_foreign_keys_deleted_records (fully_qualified_table_name, primary_key_value)
  SELECT TG_TABLE_SCHEMA || '.' || TG_ARGV[0], id FROM old_table;
  RETURN NULL;
END $$;

DO $$
DECLARE
  table_name text;
BEGIN
  FOREACH table_name IN ARRAY ARRAY['issues', 'merge_requests', 'merge_request_diffs', 'notes', 'namespaces', 'lfs_objects',
                                    'organizations', 'plans', 'project_repositories', 'projects', 'shards', 'users'] LOOP
    EXECUTE format('CREATE TRIGGER %1$s_loose_fk_trigger AFTER DELETE ON %1$s REFERENCING OLD TABLE AS old_table '
                   'FOR EACH STATEMENT EXECUTE FUNCTION insert_into_loose_foreign_keys_deleted_records()', table_name);
  END LOOP;
END $$;

CREATE TRIGGER uploads_loose_fk_trigger AFTER DELETE ON uploads REFERENCING OLD TABLE AS old_table
  FOR EACH STATEMENT EXECUTE FUNCTION insert_into_loose_foreign_keys_deleted_records_override_table('uploads');
