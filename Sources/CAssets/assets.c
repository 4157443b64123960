// Files of the repository as bytes in the program, by C23's #embed. A new file is one more pair of lines.
#include "CAssets.h"
#include "pages.h"

#pragma clang diagnostic ignored "-Wc23-extensions"  // #embed, in the toolchain's clang whatever the mode

static const unsigned char schema_0001[] = {
#embed "../../schema/sqlite/0001_tracking.sql"
};
static const unsigned char schema_0002[] = {
#embed "../../schema/sqlite/0002_run_keys.sql"
};
static const unsigned char schema_0003[] = {
#embed "../../schema/sqlite/0003_logged_models.sql"
};
static const unsigned char schema_0004[] = {
#embed "../../schema/sqlite/0004_search_indexes.sql"
};
static const unsigned char schema_0005[] = {
#embed "../../schema/sqlite/0005_registry.sql"
};
static const unsigned char schema_0006[] = {
#embed "../../schema/sqlite/0006_metric_chunks.sql"
};
static const unsigned char schema_0007[] = {
#embed "../../schema/sqlite/0007_values_later.sql"
};
static const unsigned char schema_current[] = {
#embed "../../schema/current.sql"
};
static const unsigned char auth_0001[] = {
#embed "../../schema/auth/0001_accounts.sql"
};
static const unsigned char auth_0002[] = {
#embed "../../schema/auth/0002_tokens.sql"
};
static const unsigned char mlflow_routes[] = {
#embed "../../api-spec/mlflow-3.17.2.tsv"
};

static const struct roost_asset assets[] = {
    {"schema/sqlite/0001_tracking.sql", schema_0001, sizeof schema_0001},
    {"schema/sqlite/0002_run_keys.sql", schema_0002, sizeof schema_0002},
    {"schema/sqlite/0003_logged_models.sql", schema_0003, sizeof schema_0003},
    {"schema/sqlite/0004_search_indexes.sql", schema_0004, sizeof schema_0004},
    {"schema/sqlite/0005_registry.sql", schema_0005, sizeof schema_0005},
    {"schema/sqlite/0006_metric_chunks.sql", schema_0006, sizeof schema_0006},
    {"schema/sqlite/0007_values_later.sql", schema_0007, sizeof schema_0007},
    {"schema/current.sql", schema_current, sizeof schema_current},
    {"schema/auth/0001_accounts.sql", auth_0001, sizeof auth_0001},
    {"schema/auth/0002_tokens.sql", auth_0002, sizeof auth_0002},
    {"api-spec/mlflow-3.17.2.tsv", mlflow_routes, sizeof mlflow_routes},
};

struct roost_asset roost_asset_at(size_t index) {
    const size_t count = sizeof assets / sizeof assets[0];
    return index < count ? assets[index] : roost_page_at(index - count);
}
