// The files of the web UI, by C23's #embed. A new file is one more of each pair of lines; a test holds the list against ui/.
#include "pages.h"

#pragma clang diagnostic ignored "-Wc23-extensions"  // #embed, in the toolchain's clang whatever the mode

static const unsigned char page_app_js[] = {
#embed "../../ui/app.js"
};
static const unsigned char page_boards_js[] = {
#embed "../../ui/boards.js"
};
static const unsigned char page_charts_charts_js[] = {
#embed "../../ui/charts/charts.js"
};
static const unsigned char page_charts_scale_js[] = {
#embed "../../ui/charts/scale.js"
};
static const unsigned char page_charts_surface_js[] = {
#embed "../../ui/charts/surface.js"
};
static const unsigned char page_compare_js[] = {
#embed "../../ui/compare.js"
};
static const unsigned char page_index_html[] = {
#embed "../../ui/index.html"
};
static const unsigned char page_lib_api_js[] = {
#embed "../../ui/lib/api.js"
};
static const unsigned char page_lib_cards_js[] = {
#embed "../../ui/lib/cards.js"
};
static const unsigned char page_lib_dialog_js[] = {
#embed "../../ui/lib/dialog.js"
};
static const unsigned char page_lib_dom_js[] = {
#embed "../../ui/lib/dom.js"
};
static const unsigned char page_lib_export_js[] = {
#embed "../../ui/lib/export.js"
};
static const unsigned char page_lib_format_js[] = {
#embed "../../ui/lib/format.js"
};
static const unsigned char page_lib_live_js[] = {
#embed "../../ui/lib/live.js"
};
static const unsigned char page_lib_markdown_js[] = {
#embed "../../ui/lib/markdown.js"
};
static const unsigned char page_lib_page_js[] = {
#embed "../../ui/lib/page.js"
};
static const unsigned char page_lib_place_js[] = {
#embed "../../ui/lib/place.js"
};
static const unsigned char page_registry_js[] = {
#embed "../../ui/registry.js"
};
static const unsigned char page_runs_columns_js[] = {
#embed "../../ui/runs/columns.js"
};
static const unsigned char page_runs_filter_js[] = {
#embed "../../ui/runs/filter.js"
};
static const unsigned char page_runs_grid_js[] = {
#embed "../../ui/runs/grid.js"
};
static const unsigned char page_runs_model_js[] = {
#embed "../../ui/runs/model.js"
};
static const unsigned char page_style_css[] = {
#embed "../../ui/style.css"
};
static const unsigned char page_tables_js[] = {
#embed "../../ui/tables.js"
};
static const unsigned char page_views_artifacts_js[] = {
#embed "../../ui/views/artifacts.js"
};
static const unsigned char page_views_board_js[] = {
#embed "../../ui/views/board.js"
};
static const unsigned char page_views_compare_js[] = {
#embed "../../ui/views/compare.js"
};
static const unsigned char page_views_dashboard_js[] = {
#embed "../../ui/views/dashboard.js"
};
static const unsigned char page_views_experiments_js[] = {
#embed "../../ui/views/experiments.js"
};
static const unsigned char page_views_models_js[] = {
#embed "../../ui/views/models.js"
};
static const unsigned char page_views_run_js[] = {
#embed "../../ui/views/run.js"
};
static const unsigned char page_views_runs_js[] = {
#embed "../../ui/views/runs.js"
};

static const struct roost_asset pages[] = {
    {"ui/app.js", page_app_js, sizeof page_app_js},
    {"ui/boards.js", page_boards_js, sizeof page_boards_js},
    {"ui/charts/charts.js", page_charts_charts_js, sizeof page_charts_charts_js},
    {"ui/charts/scale.js", page_charts_scale_js, sizeof page_charts_scale_js},
    {"ui/charts/surface.js", page_charts_surface_js, sizeof page_charts_surface_js},
    {"ui/compare.js", page_compare_js, sizeof page_compare_js},
    {"ui/index.html", page_index_html, sizeof page_index_html},
    {"ui/lib/api.js", page_lib_api_js, sizeof page_lib_api_js},
    {"ui/lib/cards.js", page_lib_cards_js, sizeof page_lib_cards_js},
    {"ui/lib/dialog.js", page_lib_dialog_js, sizeof page_lib_dialog_js},
    {"ui/lib/dom.js", page_lib_dom_js, sizeof page_lib_dom_js},
    {"ui/lib/export.js", page_lib_export_js, sizeof page_lib_export_js},
    {"ui/lib/format.js", page_lib_format_js, sizeof page_lib_format_js},
    {"ui/lib/live.js", page_lib_live_js, sizeof page_lib_live_js},
    {"ui/lib/markdown.js", page_lib_markdown_js, sizeof page_lib_markdown_js},
    {"ui/lib/page.js", page_lib_page_js, sizeof page_lib_page_js},
    {"ui/lib/place.js", page_lib_place_js, sizeof page_lib_place_js},
    {"ui/registry.js", page_registry_js, sizeof page_registry_js},
    {"ui/runs/columns.js", page_runs_columns_js, sizeof page_runs_columns_js},
    {"ui/runs/filter.js", page_runs_filter_js, sizeof page_runs_filter_js},
    {"ui/runs/grid.js", page_runs_grid_js, sizeof page_runs_grid_js},
    {"ui/runs/model.js", page_runs_model_js, sizeof page_runs_model_js},
    {"ui/style.css", page_style_css, sizeof page_style_css},
    {"ui/tables.js", page_tables_js, sizeof page_tables_js},
    {"ui/views/artifacts.js", page_views_artifacts_js, sizeof page_views_artifacts_js},
    {"ui/views/board.js", page_views_board_js, sizeof page_views_board_js},
    {"ui/views/compare.js", page_views_compare_js, sizeof page_views_compare_js},
    {"ui/views/dashboard.js", page_views_dashboard_js, sizeof page_views_dashboard_js},
    {"ui/views/experiments.js", page_views_experiments_js, sizeof page_views_experiments_js},
    {"ui/views/models.js", page_views_models_js, sizeof page_views_models_js},
    {"ui/views/run.js", page_views_run_js, sizeof page_views_run_js},
    {"ui/views/runs.js", page_views_runs_js, sizeof page_views_runs_js},
};

struct roost_asset roost_page_at(size_t index) {
    if (index < sizeof pages / sizeof pages[0]) return pages[index];
    struct roost_asset none = {NULL, NULL, 0};
    return none;
}
