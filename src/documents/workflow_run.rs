//! workflows/runs/ID.json: how far a run of a workflow has come.

use super::front_matter::Malformed;
use super::hash::BlobId;
use crate::domain::workflow::run::Run;

/// Reads the document of the run with this id.
pub fn parse(id: &str, text: &str) -> Result<Run, Malformed> {
    let malformed = |line: usize, column: usize, what: String| Malformed {
        line: line.max(1),
        column: column.max(1),
        what,
    };
    let mut run: Run = serde_json::from_str(text).map_err(|error| {
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        malformed(error.line(), error.column(), what.to_owned())
    })?;
    if run.id.is_empty() {
        id.clone_into(&mut run.id);
    }
    if run.id != id {
        let what = format!("the id \"{}\" is not the file's", run.id);
        return Err(malformed(1, 1, what));
    }
    Ok(run)
}

/// Writes a run's document: two spaces, one trailing newline.
pub fn render(run: &Run) -> String {
    let mut text = serde_json::to_string_pretty(run).unwrap_or_else(|_| unreachable!("text keys"));
    text.push('\n');
    text
}

/// What says which definition a run is of.
pub fn hash(definition: &str) -> String {
    BlobId::of(definition.as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_and_written_back_with_what_others_wrote() {
        let text = r#"{"id":"r","workflow":"build","source":"built-in","mood":1,"params":{"a":["x"],"b":"y"},
            "steps":[{"step":"plan","state":"running","why2":2,"jobs":[{"state":"running","attempts":1,"tasks":["t"],
            "beganAt":"2026-01-25T10:30:00Z","note":null}]}]}"#;
        let run = parse("r", text).expect("a run");
        assert_eq!(run.steps[0].jobs[0].task(), Some("t"));
        let again = render(&run);
        for kept in ["\"mood\": 1", "\"why2\": 2", "\"note\": null"] {
            assert!(again.contains(kept), "{kept} in {again}");
        }
        assert_eq!(parse("r", &again), Ok(run));
    }

    #[test]
    fn what_is_no_run_is_refused_with_its_place() {
        for bad in [
            "",
            "[]",
            "{\"id\":\"other\",\"workflow\":\"x\"}",
            "{}",
            "{\"workflow\":\"x\",\"steps\":[{}]}",
            "{\"workflow\":\"x\",\"steps\":[{\"step\":\"a\",\"state\":\"odd\"}]}",
            "{\"workflow\":\"x\",\"createdAt\":\"soon\"}",
        ] {
            assert!(parse("r", bad).is_err(), "{bad}");
        }
        let error = parse("r", "{\n \"workflow\": 5\n").expect_err("no text");
        assert_eq!(error.line, 2);
    }
}
