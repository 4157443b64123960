// The content type of a file by its name, as MLflow 3.17.2 answers it: Python's table of types, and text for what people read.

/// Types by the end of a name.
enum ContentType {
    static func guess(_ name: String) -> String {
        let bytes = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map {
            String($0) ?? ""
        }
        // Python's `splitext` takes no dot at the beginning for one before an ending.
        let isHidden = name.hasPrefix(".") && bytes.dropFirst().allSatisfy { !$0.isEmpty } && bytes.count == 2
        let ending = bytes.count > 1 && !isHidden ? bytes[bytes.count - 1] : name
        if readable.contains(ending) { return "text/plain" }
        guard bytes.count > 1, !isHidden else { return unknown }
        var parts = bytes.dropFirst().map { $0.lowercased() }
        switch parts.last {
        case "svgz", "tgz", "taz", "tz", "tbz2", "txz":
            return parts.last == "svgz" ? "image/svg+xml" : "application/x-tar"
        // Packed: the type is that of what is inside.
        case "gz", "bz2", "xz", "br": parts.removeLast()
        case "z" where bytes.last == "Z": parts.removeLast()
        default: break
        }
        guard let last = parts.last else { return unknown }
        return types[last] ?? unknown
    }

    private static let unknown = "application/octet-stream"

    /// What is shown as text whatever else it may be.
    private static let readable: Set<String> = [
        "txt", "log", "err", "cfg", "conf", "cnf", "cf", "ini", "properties", "prop", "hocon", "toml", "yaml", "yml",
        "xml", "json", "js", "py", "py3", "csv", "tsv", "md", "rst", "ipynb", "MLmodel", "MLproject",
    ]

    private static let types: [String: String] = Dictionary(
        uniqueKeysWithValues: endings.flatMap { type, endings in
            endings.split(separator: " ").map { (String($0), type) }
        })

    private static let endings: [(String, String)] = [
        ("application/javascript", "js mjs"),
        ("application/json", "json"),
        ("application/manifest+json", "webmanifest"),
        ("application/msword", "doc dot wiz"),
        ("application/n-quads", "nq"),
        ("application/n-triples", "nt"),
        ("application/octet-stream", "a bin dll exe o obj so"),
        ("application/oda", "oda"),
        ("application/pdf", "pdf"),
        ("application/pkcs7-mime", "p7c"),
        ("application/postscript", "ai eps ps"),
        ("application/trig", "trig"),
        ("application/vnd.apple.mpegurl", "m3u m3u8"),
        ("application/vnd.ms-excel", "xlb xls"),
        ("application/vnd.ms-powerpoint", "pot ppa pps ppt pwz"),
        ("application/wasm", "wasm"),
        ("application/x-bcpio", "bcpio"),
        ("application/x-cpio", "cpio"),
        ("application/x-csh", "csh"),
        ("application/x-dvi", "dvi"),
        ("application/x-gtar", "gtar"),
        ("application/x-hdf", "hdf"),
        ("application/x-hdf5", "h5"),
        ("application/x-latex", "latex"),
        ("application/x-mif", "mif"),
        ("application/x-netcdf", "cdf nc"),
        ("application/x-pkcs12", "p12 pfx"),
        ("application/x-pn-realaudio", "ram"),
        ("application/x-python-code", "pyc pyo"),
        ("application/x-sh", "sh"),
        ("application/x-shar", "shar"),
        ("application/x-shockwave-flash", "swf"),
        ("application/x-sv4cpio", "sv4cpio"),
        ("application/x-sv4crc", "sv4crc"),
        ("application/x-tar", "tar"),
        ("application/x-tcl", "tcl"),
        ("application/x-tex", "tex"),
        ("application/x-texinfo", "texi texinfo"),
        ("application/x-troff", "roff t tr"),
        ("application/x-troff-man", "man"),
        ("application/x-troff-me", "me"),
        ("application/x-troff-ms", "ms"),
        ("application/x-ustar", "ustar"),
        ("application/x-wais-source", "src"),
        ("application/xml", "rdf wsdl xpdl xsl"),
        ("application/zip", "zip"),
        ("audio/3gpp", "3gp 3gpp"),
        ("audio/3gpp2", "3g2 3gpp2"),
        ("audio/aac", "aac adts ass loas"),
        ("audio/basic", "au snd"),
        ("audio/mpeg", "mp2 mp3"),
        ("audio/opus", "opus"),
        ("audio/x-aiff", "aif aifc aiff"),
        ("audio/x-pn-realaudio", "ra"),
        ("audio/x-wav", "wav"),
        ("image/avif", "avif"),
        ("image/bmp", "bmp"),
        ("image/gif", "gif"),
        ("image/heic", "heic"),
        ("image/heif", "heif"),
        ("image/ief", "ief"),
        ("image/jpeg", "jpe jpeg jpg"),
        ("image/png", "png"),
        ("image/svg+xml", "svg"),
        ("image/tiff", "tif tiff"),
        ("image/vnd.microsoft.icon", "ico"),
        ("image/x-cmu-raster", "ras"),
        ("image/x-portable-anymap", "pnm"),
        ("image/x-portable-bitmap", "pbm"),
        ("image/x-portable-graymap", "pgm"),
        ("image/x-portable-pixmap", "ppm"),
        ("image/x-rgb", "rgb"),
        ("image/x-xbitmap", "xbm"),
        ("image/x-xpixmap", "xpm"),
        ("image/x-xwindowdump", "xwd"),
        ("message/rfc822", "eml mht mhtml nws"),
        ("text/css", "css"),
        ("text/csv", "csv"),
        ("text/html", "htm html"),
        ("text/n3", "n3"),
        ("text/plain", "bat c h ksh pl srt txt"),
        ("text/richtext", "rtx"),
        ("text/tab-separated-values", "tsv"),
        ("text/vtt", "vtt"),
        ("text/x-python", "py"),
        ("text/x-setext", "etx"),
        ("text/x-sgml", "sgm sgml"),
        ("text/x-vcard", "vcf"),
        ("text/xml", "xml"),
        ("video/mp4", "mp4"),
        ("video/mpeg", "m1v mpa mpe mpeg mpg"),
        ("video/quicktime", "mov qt"),
        ("video/webm", "webm"),
        ("video/x-msvideo", "avi"),
        ("video/x-sgi-movie", "movie"),
    ]
}
