/* Teams of an organization, who can be asked for reviews. */
#include "spec/fake_github/objects/object.h"

json_t *object_complete_team(const ObjectContext *context, const json_t *team)
{
    const char *name = json_string_value(team);
    json_int_t id = object_id("teams", name, 0);
    return json_pack("{s:I, s:o, s:s, s:s, s:n, s:s, s:s, s:o}", "id", id, "node_id",
                     json_sprintf("T_%" JSON_INTEGER_FORMAT, id), "name", name, "slug", name, "description",
                     "privacy", "closed", "permission", "pull", "url",
                     json_sprintf("%s/teams/%" JSON_INTEGER_FORMAT, context->api_url, id));
}

json_t *object_complete_teams(const ObjectContext *context, const json_t *teams)
{
    json_t *objects = json_array();
    size_t index = 0;
    json_t *team = NULL;
    json_array_foreach (teams, index, team) {
        json_array_append_new(objects, object_complete_team(context, team));
    }
    return objects;
}
