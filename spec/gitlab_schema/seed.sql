-- What a fresh GitLab instance holds (spec.seed), and functions that add to it as GitLab does. spec.create_project() adds a
-- project in the state in which POST /api/v4/import/github leaves it: scheduled, its repository empty, its job not pushed yet.

CREATE SCHEMA spec;

-- A user with its personal namespace and route; returns users.id.
CREATE FUNCTION spec.create_user(username text, name text, user_type smallint DEFAULT 0, admin boolean DEFAULT false)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  user_id bigint;
  namespace_id bigint;
BEGIN
  INSERT INTO users (username, name, email, user_type, admin, projects_limit, organization_id, confirmed_at, color_scheme_id,
                     created_at, updated_at)
  VALUES (username, name, username || '@example.com', user_type, admin, 100000, 1, now(), 1, now(), now())
  RETURNING id INTO user_id;
  INSERT INTO namespaces (name, path, owner_id, type, visibility_level, organization_id, created_at, updated_at)
  VALUES (name, username, user_id, 'User', 20, 1, now(), now())
  RETURNING id INTO namespace_id;
  UPDATE namespaces SET traversal_ids = ARRAY[id] WHERE id = namespace_id;
  INSERT INTO routes (source_type, source_id, path, name, namespace_id, created_at, updated_at)
  VALUES ('Namespace', namespace_id, username, name, namespace_id, now(), now());
  INSERT INTO user_details (user_id) VALUES (user_id);
  INSERT INTO user_preferences (user_id, created_at, updated_at) VALUES (user_id, now(), now());
  INSERT INTO organization_users (organization_id, user_id, access_level, created_at, updated_at)
  VALUES (1, user_id, CASE WHEN admin THEN 50 ELSE 10 END, now(), now());
  INSERT INTO organization_user_details (organization_id, user_id, username, display_name, created_at, updated_at)
  VALUES (1, user_id, username, name, now(), now());
  RETURN user_id;
END $$;

-- A top-level group owned by owner_id; returns namespaces.id.
CREATE FUNCTION spec.create_group(path text, owner_id bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  group_id bigint;
BEGIN
  INSERT INTO namespaces (name, path, type, visibility_level, organization_id, created_at, updated_at)
  VALUES (path, path, 'Group', 0, 1, now(), now())
  RETURNING id INTO group_id;
  UPDATE namespaces SET traversal_ids = ARRAY[id] WHERE id = group_id;
  INSERT INTO routes (source_type, source_id, path, name, namespace_id, created_at, updated_at)
  VALUES ('Namespace', group_id, path, path, group_id, now(), now());
  INSERT INTO namespace_settings (namespace_id, created_at, updated_at) VALUES (group_id, now(), now());
  INSERT INTO namespace_details (namespace_id, creator_id, created_at, updated_at) VALUES (group_id, owner_id, now(), now());
  INSERT INTO members (type, source_type, source_id, member_namespace_id, user_id, access_level, notification_level,
                       created_at, updated_at)
  VALUES ('GroupMember', 'Namespace', group_id, group_id, owner_id, 50, 3, now(), now());
  RETURN group_id;
END $$;

-- A scheduled GitHub import in a namespace; returns projects.id. The credentials are the three columns of
-- project_import_data as attr_encrypted writes them, import_url is without credentials, import_data is the settings' JSON.
CREATE FUNCTION spec.create_project(namespace_path text, project_path text, import_source text, import_url text,
                                    import_data text, credentials text, credentials_iv text, credentials_salt text)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  parent namespaces;
  creator_id bigint;
  project_namespace_id bigint;
  project_id bigint;
  hashed text;
BEGIN
  SELECT namespaces.* INTO STRICT parent FROM namespaces JOIN routes ON routes.namespace_id = namespaces.id
  WHERE routes.path = namespace_path;
  SELECT id INTO STRICT creator_id FROM users WHERE id = coalesce(parent.owner_id, 1);

  INSERT INTO namespaces (name, path, parent_id, type, visibility_level, organization_id, created_at, updated_at)
  VALUES (project_path, project_path, parent.id, 'Project', 0, 1, now(), now())
  RETURNING id INTO project_namespace_id;
  UPDATE namespaces SET traversal_ids = parent.traversal_ids || id WHERE id = project_namespace_id;

  INSERT INTO projects (name, path, namespace_id, project_namespace_id, organization_id, creator_id, visibility_level,
                        import_type, import_source, import_url, repository_storage, storage_version, lfs_enabled,
                        runners_token_encrypted, last_activity_at, last_repository_updated_at, created_at, updated_at)
  VALUES (project_path, project_path, parent.id, project_namespace_id, 1, creator_id, 0,
          'github', import_source, import_url, 'default', 2, true,
          'spec-' || gen_random_uuid(), now(), now(), now(), now())
  RETURNING id INTO project_id;
  INSERT INTO routes (source_type, source_id, path, name, namespace_id, created_at, updated_at)
  VALUES ('Project', project_id, namespace_path || '/' || project_path, parent.name || ' / ' || project_path,
          project_namespace_id, now(), now());
  INSERT INTO project_features (project_id, issues_access_level, merge_requests_access_level, wiki_access_level,
                                snippets_access_level, builds_access_level, pages_access_level,
                                model_experiments_access_level, model_registry_access_level, created_at, updated_at)
  VALUES (project_id, 20, 20, 20, 20, 20, 10, 20, 20, now(), now());
  INSERT INTO project_settings (project_id, created_at, updated_at) VALUES (project_id, now(), now());
  INSERT INTO project_ci_cd_settings (project_id) VALUES (project_id);
  INSERT INTO project_statistics (project_id, namespace_id, root_namespace_id)
  VALUES (project_id, parent.id, parent.traversal_ids[1]);
  hashed := encode(sha256(project_id::text::bytea), 'hex');
  INSERT INTO project_repositories (project_id, shard_id, disk_path)
  VALUES (project_id, 1, '@hashed/' || substr(hashed, 1, 2) || '/' || substr(hashed, 3, 2) || '/' || hashed);
  INSERT INTO project_authorizations (user_id, project_id, access_level, is_unique) VALUES (creator_id, project_id, 50, true);
  INSERT INTO project_import_data (project_id, data, encrypted_credentials, encrypted_credentials_iv,
                                   encrypted_credentials_salt)
  VALUES (project_id, import_data, credentials, credentials_iv, credentials_salt);
  INSERT INTO project_mirror_data (project_id, status) VALUES (project_id, 'scheduled');
  RETURN project_id;
END $$;

CREATE FUNCTION spec.seed() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO organizations (id, name, path, visibility_level, created_at, updated_at)
  VALUES (1, 'Default', 'default', 20, now(), now());
  INSERT INTO shards (id, name) VALUES (1, 'default');
  INSERT INTO plans (id, name, title, plan_name_uid, created_at, updated_at) VALUES (1, 'default', 'Default', 1, now(), now());
  INSERT INTO application_settings (id, created_at, updated_at, import_sources, repository_storages_weighted, importers)
  VALUES (1, now(), now(), E'---\n- github\n- gitlab_project\n', '{"default": 100}', '{}');
  PERFORM setval('shards_id_seq', 1), setval('plans_id_seq', 1), setval('application_settings_id_seq', 1);
  PERFORM spec.create_user('root', 'Administrator', admin => true);
  PERFORM spec.create_user('ghost', 'Ghost User', user_type => 5::smallint);
  PERFORM spec.create_group('imports', 1);
END $$;

-- GitLab's tables. Those that a test adds make another GitLab of it.
CREATE TABLE spec.tables AS SELECT oid FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace;

-- Brings the database back to the seed: every table that has rows is emptied, added ones are dropped, every sequence is restarted.
-- Much quicker than TRUNCATE or a new database, which create thousands of files. Needs a superuser, and nobody else in the way.
CREATE FUNCTION spec.reset() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$
DECLARE
  added regclass;
  filled regclass;
  has_rows boolean;
BEGIN
  FOR added IN
    SELECT oid FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
      AND oid NOT IN (SELECT oid FROM spec.tables)
  LOOP
    EXECUTE format('DROP TABLE %s CASCADE', added);
  END LOOP;
  FOR filled IN
    SELECT oid FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
      AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'spec')
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', filled) INTO has_rows;
    IF has_rows THEN
      EXECUTE format('DELETE FROM %s', filled);
    END IF;
  END LOOP;
  PERFORM setval(seqrelid, seqstart, false) FROM pg_sequence;
END $$;

SELECT FROM spec.seed();
