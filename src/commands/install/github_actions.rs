//! GitHub Actions: `.github/workflows/ghp.yml`, which checks pull requests.

use super::{Needs, Part, Refusal, Site, Target};
use crate::error::Result;

pub(super) const TARGET: Target = Target {
    name: "github-actions",
    gives: "GitHub Actions: the commits of a pull request checked",
    note: Some(
        "Set the repository variable GHP_SOURCE to the git URL that ghp is installed from, and push the branch ghp.",
    ),
    needs: Needs::Files(files),
    servers: None,
};

/// The workflow.
const WORKFLOW: &str = include_str!("github_actions.yml");
/// How every version of it begins.
const FIRST_LINE: &str = "# ghp: ";

fn files(site: &Site) -> Result<Vec<Part>> {
    Ok(vec![Part {
        root: site.worktree()?.to_owned(),
        path: ".github/workflows/ghp.yml",
        mode: 0o644,
        put: |text| match text {
            Some(text) if !text.starts_with(FIRST_LINE) => Err(Refusal::Foreign),
            _ => Ok(WORKFLOW.to_owned()),
        },
        take: |text| Ok((!text.starts_with(FIRST_LINE)).then(|| text.to_owned())),
    }])
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::WORKFLOW;

    #[test]
    fn nothing_of_a_pull_request_reaches_a_shell_as_code() {
        let workflow: Value = serde_saphyr::from_str(WORKFLOW).expect("YAML");
        assert_eq!(
            workflow["permissions"],
            serde_json::json!({ "contents": "read" })
        );
        let steps = workflow["jobs"]["check"]["steps"]
            .as_array()
            .expect("steps");
        let runs: Vec<&str> = steps
            .iter()
            .filter_map(|step| step["run"].as_str())
            .collect();
        assert!(runs.len() >= 3, "{runs:?}");
        assert!(runs.iter().all(|run| !run.contains("${{")), "{runs:?}");
        assert_eq!(steps[0]["with"]["fetch-depth"], 0);
    }
}
