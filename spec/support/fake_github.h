/*
 * The program fake_github (spec/fake_github), started by a unit spec and ended with it.
 */
#pragma once

#include <glib.h>

typedef struct FakeGithubProcess FakeGithubProcess;

/* `options` are command-line arguments ended by NULL. Fails the program when it does not start. */
FakeGithubProcess *fake_github_start(const char *const *options);
void fake_github_stop(FakeGithubProcess *process);
/* "http://127.0.0.1:PORT". Borrowed. */
const char *fake_github_url(const FakeGithubProcess *process);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FakeGithubProcess, fake_github_stop)
