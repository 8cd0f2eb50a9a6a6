//! stub
pub fn resolve_markers(_: &str) -> Option<String> { None }
