// `roost backup`, `roost restore`, `roost check`.

import ArgumentParser
import Glibc
import RoostCore
import RoostServer
import RoostStore

struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the database, the artifacts and the users to a new directory, checked.",
        discussion: "The server may run meanwhile: the copy is of one moment. `roost restore` is the way back.",
        helpNames: .long)

    @Argument(help: ArgumentHelp("A directory that is new or empty.", valueName: "directory"))
    var destination: String

    @Flag(name: .customLong("no-artifacts"), help: "Leave the artifacts out.")
    var noArtifacts = false

    @OptionGroup var flags: PlaceFlags
    @OptionGroup var users: UsersFlags
    @ParentCommand var roost: Roost

    func run() throws {
        let environment = try Environment.ofProcess(adding: roost.envFile)
        let places = try flags.places(environment).data.leavingArtifacts(noArtifacts).withUsers(users.file(environment))
        let (bar, progress) = operationBar()
        defer { bar.clear() }
        let report = try Backup.make(
            of: places, in: resolvedPath(destination, in: workingDirectory()), world: .real, progress: progress)
        bar.clear()
        let manifest = report.manifest
        StandardStream.output.write(
            "\(destination): \(counted(manifest.rows(of: "runs"), "run")) in a database of"
                + " \(sizeText(manifest.databaseBytes)), \(counted(manifest.artifactFiles, "artifact")) of"
                + " \(sizeText(manifest.artifactBytes))\(manifest.hasUsers ? ", the users" : ""); checked\n")
        if let left = users.left(environment) {
            StandardStream.error.write("roost: \(left) is not in the backup; --app-name basic-auth takes it along.\n")
        }
        if report.vanished > 0 {
            StandardStream.error.write("roost: \(counted(report.vanished, "artifact")) went away meanwhile.\n")
        }
        if !report.others.isEmpty {
            StandardStream.error.write(
                "roost: left out, for they are no plain files: \(report.others.prefix(10).joined(separator: ", "))"
                    + (report.others.count > 10 ? " and \(report.others.count - 10) more" : "") + ".\n")
        }
        for (place, runs) in report.elsewhere.sorted(by: { $0.key < $1.key }) {
            StandardStream.error.write(
                "roost: the files of \(counted(runs, "run or model")) are at \(place), which is not in the backup.\n")
        }
    }
}

struct RestoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup where a server will find it; nothing is overwritten.",
        helpNames: .long)

    @Argument(help: ArgumentHelp("What `roost backup` made.", valueName: "directory"))
    var source: String

    @OptionGroup var flags: PlaceFlags
    @OptionGroup var users: UsersFlags
    @ParentCommand var roost: Roost

    func run() throws {
        let environment = try Environment.ofProcess(adding: roost.envFile)
        let places = try flags.places(environment).data.withUsers(users.file(environment))
        let (bar, progress) = operationBar()
        defer { bar.clear() }
        let manifest = try Restore.run(
            resolvedPath(source, in: workingDirectory()), to: places, progress: progress)
        bar.clear()
        StandardStream.output.write(
            "\(places.database): \(counted(manifest.rows(of: "runs"), "run")) and"
                + " \(counted(manifest.artifactFiles, "artifact"))\(manifest.hasUsers ? ", and the users," : "") restored\n"
        )
        if let file = places.users, !manifest.hasUsers {
            StandardStream.error.write("roost: the backup holds no users, so \(file) was not made.\n")
        }
    }
}

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look for what is wrong in the data: status 1 if anything is.",
        discussion: """
            The server may run meanwhile, and nothing is changed. Artifacts that no run knows are listed and are no error.
            With the directory of a backup, that backup is checked against its manifest.
            """,
        helpNames: .long)

    @Argument(help: ArgumentHelp("A backup to check in place of the server's data.", valueName: "backup"))
    var backup: String?

    @Flag(name: .customLong("no-artifacts"), help: "Look at the database alone.")
    var noArtifacts = false

    @OptionGroup var flags: PlaceFlags
    @OptionGroup var users: UsersFlags
    @ParentCommand var roost: Roost

    func run() throws {
        if let backup {
            let (bar, progress) = operationBar()
            defer { bar.clear() }
            let manifest = try Restore.verify(resolvedPath(backup, in: workingDirectory()), progress: progress)
            bar.clear()
            return say(
                "\(backup): whole, schema \(manifest.schema), \(counted(manifest.rows(of: "runs"), "run")),"
                    + " \(counted(manifest.artifactFiles, "artifact"))\(manifest.hasUsers ? ", the users" : "")")
        }
        let environment = try Environment.ofProcess(adding: roost.envFile)
        let places = try flags.places(environment).data.leavingArtifacts(noArtifacts).withUsers(users.file(environment))
        let found = try Examination(of: places)
        say("database: \(places.database), schema \(found.schema), \(sizeText(Int64(found.databaseBytes)))")
        for (table, rows) in found.tables { say("  \(table): \(counted(rows, "row"))") }
        if let file = places.users, let count = found.users { say("users: \(file), \(counted(count, "user"))") }
        if let artifacts = found.artifacts, let root = places.artifacts { say(artifacts, root) }
        for finding in found.findings { say("wrong: \(finding.rule): \(finding.place)") }
        guard found.findings.isEmpty else { throw ExitCode(1) }
        say("nothing is wrong")
    }

    private func say(_ figures: ArtifactFigures, _ root: String) {
        say("artifacts: \(root), \(counted(figures.files, "file")), \(sizeText(figures.bytes))")
        say("  runs with files: \(figures.runs), without: \(figures.runsWithout), elsewhere: \(figures.runsElsewhere)")
        if figures.others > 0 { say("  links and the like, which nobody can fetch: \(figures.others)") }
        guard !figures.orphans.isEmpty else { return }
        let bytes = figures.orphans.reduce(Int64(0)) { $0 + $1.bytes }
        say("  known to no run or model: \(counted(figures.orphans.count, "place")), \(sizeText(bytes))")
        for orphan in figures.orphans.prefix(50) {
            say("    \(orphan.path): \(counted(orphan.files, "file")), \(sizeText(orphan.bytes))")
        }
        if figures.orphans.count > 50 { say("    and \(figures.orphans.count - 50) more") }
    }

    private func say(_ line: String) { StandardStream.output.write(line + "\n") }
}
