// Registered models: made, renamed, described, tagged, deleted.

internal import CSQLite
public import RoostCore

extension Transaction {
    /// Makes a registered model.
    /// - Throws: 400 `RESOURCE_ALREADY_EXISTS` when the name is taken, in words that tell models and prompts apart.
    public func createRegisteredModel(name: String, description: String, tags: [KeyValue]) throws -> RegisteredModel {
        if let taken = try snapshot.registeredModelRow(named: name) {
            let old =
                try snapshot.registeredModelTag(taken.id, PromptTag.isPrompt) == nil ? "Registered Model" : "Prompt"
            let new = tags.contains { $0.key == PromptTag.isPrompt } ? "Prompt" : "Registered Model"
            throw APIError(
                .resourceAlreadyExists,
                old == new
                    ? "\(new) (name=\(name)) already exists."
                    : "Tried to create a \(new.lowercased()) with name \(pythonRepr(name)), but the name is already taken by a"
                        + " \(old.lowercased()). MLflow does not allow creating a model and a prompt with the same name."
            )
        }
        try db.run(
            """
            INSERT INTO registered_models (name, creation_time, last_updated_time, description)
            VALUES (?1, ?2, ?2, ?3)
            """, name, world.now(), description)
        let id = db.lastInsertID
        for tag in tags { try putRegisteredModelTag(id, tag) }
        return try snapshot.registeredModel(named: name)
    }

    /// Sets the description.
    public func updateRegisteredModel(_ name: String, description: String) throws -> RegisteredModel {
        let model = try snapshot.registeredModelRow(name)
        try db.run(
            "UPDATE registered_models SET description = ?1, last_updated_time = ?2 WHERE id = ?3", description,
            world.now(), model.id)
        return try snapshot.registeredModel(named: name)
    }

    /// Renames a model; its versions, tags and aliases go with it.
    /// - Throws: 400 `RESOURCE_ALREADY_EXISTS` when the new name is taken.
    public func renameRegisteredModel(_ name: String, to newName: String) throws -> RegisteredModel {
        let model = try snapshot.registeredModelRow(name)
        if let other = try snapshot.registeredModelRow(named: newName), other.id != model.id {
            throw APIError(.resourceAlreadyExists, "Registered Model (name=\(newName)) already exists.")
        }
        let now = world.now()
        try db.run(
            "UPDATE registered_models SET name = ?1, last_updated_time = ?2 WHERE id = ?3", newName, now, model.id)
        try db.run("UPDATE model_versions SET last_updated_time = ?1 WHERE model = ?2", now, model.id)
        return try snapshot.registeredModel(named: newName)
    }

    /// Deletes a model with everything that belongs to it.
    public func deleteRegisteredModel(_ name: String) throws {
        let model = try snapshot.registeredModelRow(name)
        try db.run("DELETE FROM registered_models WHERE id = ?1", model.id)
    }

    public func setRegisteredModelTag(_ name: String, _ tag: KeyValue) throws {
        try putRegisteredModelTag(snapshot.registeredModelRow(name).id, tag)
    }

    /// Removes a tag; as in MLflow it need not be there.
    public func deleteRegisteredModelTag(_ name: String, key: String) throws {
        let model = try snapshot.registeredModelRow(name)
        try db.run("DELETE FROM registered_model_tags WHERE model = ?1 AND key = ?2", model.id, key)
    }

    /// Gives a version a name, which another version may have had before.
    public func setModelAlias(_ name: String, _ alias: String, version: ModelVersionNumber) throws {
        let found = try snapshot.modelVersionRow(name, version)
        try db.run(
            """
            INSERT INTO registered_model_aliases (model, alias, version) VALUES (?1, ?2, ?3)
            ON CONFLICT (model, alias) DO UPDATE SET version = excluded.version
            """, found.model, alias, found.version)
    }

    /// Removes an alias; as in MLflow it need not be there.
    public func deleteModelAlias(_ name: String, _ alias: String) throws {
        let model = try snapshot.registeredModelRow(name)
        try db.run("DELETE FROM registered_model_aliases WHERE model = ?1 AND alias = ?2", model.id, alias)
    }

    private func putRegisteredModelTag(_ id: Int64, _ tag: KeyValue) throws {
        try db.run(
            """
            INSERT INTO registered_model_tags (model, key, value) VALUES (?1, ?2, ?3)
            ON CONFLICT (model, key) DO UPDATE SET value = excluded.value
            """, id, tag.key, tag.value)
    }
}
