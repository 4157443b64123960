// swift-tools-version:6.2
import PackageDescription

// Every Swift target: Swift 6 language mode (the default of this tools version) with the strictest import rules.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "roost",
    products: [.executable(name: "roost", targets: ["roost"])],
    dependencies: [
        // Without the default traits Hummingbird leaves out Foundation (and its ICU tables) and swift-configuration.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .target(name: "CAssets"),
        .target(name: "CHost"),
        .target(name: "RoostCore", swiftSettings: strict),
        .target(name: "RoostSearch", dependencies: ["RoostCore"], swiftSettings: strict),
        .target(
            name: "RoostStore",
            dependencies: [
                "RoostCore", "RoostSearch", "CSQLite", "CAssets",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "RoostArtifacts",
            dependencies: [
                "RoostCore", "CHost",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        // Hashes of passwords and tokens. The functions are those of the BoringSSL that swift-nio-ssl brings.
        .target(
            name: "RoostAuth",
            dependencies: ["RoostCore", .product(name: "NIOSSL", package: "swift-nio-ssl")],
            swiftSettings: strict
        ),
        .target(
            name: "RoostServer",
            dependencies: [
                "RoostCore", "RoostSearch", "RoostStore", "RoostArtifacts", "RoostAuth",
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "roost",
            dependencies: [
                "RoostCore", "RoostStore", "RoostServer", "CHost",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "RoostCoreTests", dependencies: ["RoostCore"], swiftSettings: strict),
        .testTarget(
            name: "RoostSearchTests", dependencies: ["RoostCore", "RoostSearch"], exclude: ["Fixtures"],
            swiftSettings: strict),
        .target(name: "CFaults", dependencies: ["CSQLite"], path: "Tests/CFaults"),
        .testTarget(
            name: "RoostStoreTests",
            dependencies: [
                "CFaults", "CSQLite", "RoostCore", "RoostSearch", "RoostStore",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "RoostArtifactsTests",
            dependencies: [
                "RoostArtifacts", "RoostCore", .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(name: "RoostAuthTests", dependencies: ["RoostAuth", "RoostCore"], swiftSettings: strict),
        .testTarget(
            name: "RoostServerTests",
            dependencies: [
                "RoostArtifacts", "RoostAuth", "RoostCore", "RoostStore", "RoostServer",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "roostTests",
            dependencies: [
                "roost", "RoostCore", "RoostServer", "RoostStore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
    ]
)
