// THE lists of what belongs to a run or a model: whatever goes with it when it is removed for good. A new table is one line here.

extension Transaction {
    /// Removes rows of the run with the internal id `?1`, what refers to others before what is referred to.
    ///
    /// A test holds the list against the schema: no table that refers to a run, or to such a table, may be left out.
    private static let removals: [StaticString] = [
        "DELETE FROM metric_points WHERE series IN (SELECT id FROM metric_series WHERE run = ?1)",
        "DELETE FROM metric_chunks WHERE series IN (SELECT id FROM metric_series WHERE run = ?1)",
        "DELETE FROM metric_series WHERE run = ?1",
        "DELETE FROM run_params WHERE run = ?1",
        "DELETE FROM run_tags WHERE run = ?1",
        "DELETE FROM unindexed_runs WHERE run = ?1",
        "DELETE FROM run_dataset_tags WHERE input IN (SELECT id FROM run_datasets WHERE run = ?1)",
        "DELETE FROM run_datasets WHERE run = ?1",
        "DELETE FROM run_models WHERE run = ?1",
        "DELETE FROM run_keys WHERE run = ?1",
        "DELETE FROM logged_model_metrics WHERE run = ?1",
    ]

    /// The same for the logged model with the internal id `?1`.
    private static let modelRemovals: [StaticString] = [
        "DELETE FROM logged_model_params WHERE model = ?1",
        "DELETE FROM logged_model_tags WHERE model = ?1",
        "DELETE FROM logged_model_metrics WHERE model = ?1",
    ]

    /// Removes a run and everything that belongs to it.
    func removeRun(_ id: Int64) throws {
        for removal in Self.removals { try db.run(removal, id) }
        try db.run("DELETE FROM runs WHERE id = ?1", id)
    }

    /// Removes a logged model and everything that belongs to it.
    func removeModel(_ id: Int64) throws {
        for removal in Self.modelRemovals { try db.run(removal, id) }
        try db.run("DELETE FROM logged_models WHERE id = ?1", id)
    }
}
