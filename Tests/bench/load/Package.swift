// swift-tools-version:6.2
// The load generator of `make bench`: no dependencies, so that it builds in seconds and measures nobody but the server.
import PackageDescription

let package = Package(
    name: "load",
    targets: [
        .systemLibrary(name: "CEpoll"),
        .executableTarget(name: "load", dependencies: ["CEpoll"]),
    ]
)
