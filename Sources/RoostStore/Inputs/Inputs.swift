// What runs read and make: datasets and models.

public import RoostCore

extension Transaction {
    /// Notes datasets and models that a run has read. What is there already stays as it is.
    public func logInputs(_ runID: String, datasets: [DatasetInput], models: [ModelInput]) throws {
        try noteInputs(try activeRun(runID), datasets: datasets, models: models)
    }

    func noteInputs(_ run: RunRow, datasets: [DatasetInput], models: [ModelInput]) throws {
        for input in datasets {
            let dataset = try datasetID(run.experiment, input.dataset)
            try db.run(
                "INSERT INTO run_datasets (run, dataset) VALUES (?1, ?2) ON CONFLICT DO NOTHING", run.id, dataset)
            guard db.changes > 0 else { continue }
            let row = db.lastInsertID
            for tag in input.tags {
                try db.run(
                    """
                    INSERT INTO run_dataset_tags (input, key, value) VALUES (?1, ?2, ?3)
                    ON CONFLICT (input, key) DO UPDATE SET value = excluded.value
                    """, row, tag.key, tag.value)
            }
        }
        for model in models { try putModel(run.id, "input", model.modelID, step: 0) }
    }

    /// Notes models that a run has made. The same model again keeps its first step, so that a retry is harmless.
    public func logOutputs(_ runID: String, models: [ModelOutput]) throws {
        try noteOutputs(try activeRun(runID), models: models)
    }

    func noteOutputs(_ run: RunRow, models: [ModelOutput]) throws {
        for model in models { try putModel(run.id, "output", model.modelID, step: model.step) }
    }

    private func putModel(_ run: Int64, _ direction: String, _ modelID: String, step: Int64) throws {
        try db.run(
            "INSERT INTO run_models (run, direction, model_id, step) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            run, direction, modelID, step)
    }

    private func datasetID(_ experiment: Int64, _ dataset: Dataset) throws -> Int64 {
        let known = try db.first(
            "SELECT id FROM datasets WHERE experiment = ?1 AND name = ?2 AND digest = ?3", experiment, dataset.name,
            dataset.digest
        ) { $0.int64(0) }
        if let known { return known }
        try db.run(
            """
            INSERT INTO datasets (experiment, name, digest, source_type, source, schema, profile)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """, experiment, dataset.name, dataset.digest, dataset.sourceType, dataset.source, dataset.schema,
            dataset.profile)
        return db.lastInsertID
    }
}

extension Snapshot {
    func datasets(_ run: Int64) throws -> [DatasetInput] {
        var inputs: [DatasetInput] = []
        try db.query(
            """
            SELECT i.id, d.name, d.digest, d.source_type, d.source, d.schema, d.profile
            FROM run_datasets i JOIN datasets d ON d.id = i.dataset WHERE i.run = ?1 ORDER BY i.id
            """, run
        ) { row in
            inputs.append(
                DatasetInput(
                    tags: try datasetTags(row.int64(0)),
                    dataset: Dataset(
                        name: row.text(1), digest: row.text(2), sourceType: row.text(3), source: row.text(4),
                        schema: row.optionalText(5), profile: row.optionalText(6))))
        }
        return inputs
    }

    /// The datasets that runs of these experiments have read, deleted runs included, each with its contexts.
    public func datasets(of experiments: [Int64], limit: Int) throws -> [DatasetSummary] {
        var summaries: [DatasetSummary] = []
        let ids = "[" + experiments.map(String.init).joined(separator: ",") + "]"
        try db.query(
            """
            SELECT DISTINCT d.experiment, d.name, d.digest, t.value
            FROM datasets d JOIN run_datasets i ON i.dataset = d.id
            LEFT JOIN run_dataset_tags t ON t.input = i.id AND t.key = 'mlflow.data.context'
            WHERE d.experiment IN (SELECT value FROM json_each(?1))
            ORDER BY d.experiment, d.name, d.digest, t.value LIMIT ?2
            """, ids, limit
        ) { row in
            summaries.append(
                DatasetSummary(
                    experimentID: row.int64(0), name: row.text(1), digest: row.text(2), context: row.optionalText(3)))
        }
        return summaries
    }

    private func datasetTags(_ input: Int64) throws -> [KeyValue] {
        var tags: [KeyValue] = []
        try db.query("SELECT key, value FROM run_dataset_tags WHERE input = ?1 ORDER BY key", input) { row in
            tags.append(KeyValue(row.text(0), row.text(1)))
        }
        return tags
    }

    func modelInputs(_ run: Int64) throws -> [ModelInput] {
        var models: [ModelInput] = []
        try db.query("SELECT model_id FROM run_models WHERE run = ?1 AND direction = 'input' ORDER BY model_id", run) {
            models.append(ModelInput(modelID: $0.text(0)))
        }
        return models
    }

    func modelOutputs(_ run: Int64) throws -> [ModelOutput] {
        var models: [ModelOutput] = []
        try db.query(
            "SELECT model_id, step FROM run_models WHERE run = ?1 AND direction = 'output' ORDER BY model_id", run
        ) {
            models.append(ModelOutput(modelID: $0.text(0), step: $0.int64(1)))
        }
        return models
    }
}
