// The one error type that crosses layers, and MLflow's error codes with the HTTP status of each.

/// An error code as MLflow's clients know it; the raw value is what stands in `error_code`.
///
/// Source of the statuses: `mlflow/exceptions.py` of 3.17.2 (`ERROR_CODE_TO_HTTP_STATUS`; a code that is not in it is 500).
public enum ErrorCode: String, Sendable, CaseIterable {
    case badRequest = "BAD_REQUEST"
    case invalidParameterValue = "INVALID_PARAMETER_VALUE"
    case resourceAlreadyExists = "RESOURCE_ALREADY_EXISTS"
    case unauthenticated = "UNAUTHENTICATED"
    case permissionDenied = "PERMISSION_DENIED"
    case resourceDoesNotExist = "RESOURCE_DOES_NOT_EXIST"
    case endpointNotFound = "ENDPOINT_NOT_FOUND"
    case resourceConflict = "RESOURCE_CONFLICT"
    case resourceExhausted = "RESOURCE_EXHAUSTED"
    case requestLimitExceeded = "REQUEST_LIMIT_EXCEEDED"
    case internalError = "INTERNAL_ERROR"
    case invalidState = "INVALID_STATE"
    case notImplemented = "NOT_IMPLEMENTED"
    case temporarilyUnavailable = "TEMPORARILY_UNAVAILABLE"

    /// The HTTP status that goes with this code.
    public var status: Int {
        switch self {
        case .badRequest, .invalidParameterValue, .resourceAlreadyExists: 400
        case .unauthenticated: 401
        case .permissionDenied: 403
        case .resourceDoesNotExist, .endpointNotFound: 404
        case .resourceConflict: 409
        case .resourceExhausted, .requestLimitExceeded: 429
        case .internalError, .invalidState: 500
        case .notImplemented: 501
        case .temporarilyUnavailable: 503
        }
    }
}

/// What a request is refused with: a code, a message for a person, and the HTTP status.
public struct APIError: Error, Equatable, Sendable {
    public let code: ErrorCode
    public let message: String
    /// The HTTP status; the code's own unless a layer knows a better one (405, 413, 507).
    public let status: Int

    public init(_ code: ErrorCode, _ message: String, status: Int? = nil) {
        self.code = code
        self.message = message
        self.status = status ?? code.status
    }

    /// 400 `INVALID_PARAMETER_VALUE`, the commonest refusal.
    public static func invalid(_ message: String) -> APIError { APIError(.invalidParameterValue, message) }

    /// 404 `RESOURCE_DOES_NOT_EXIST`.
    public static func missing(_ message: String) -> APIError { APIError(.resourceDoesNotExist, message) }
}
