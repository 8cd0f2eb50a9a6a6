//! The parsers are sound, and quick parsing agrees with the tree.

use super::*;

#[test]
fn the_parsers_are_sound_and_agree() {
    parser(None).debug_assert();
    for verb in VERBS {
        parser(Some(verb)).debug_assert();
        let whole = parser(None);
        let in_the_tree = whole
            .get_subcommands()
            .find(|command| command.get_name() == verb.name)
            .expect(verb.name)
            .clone();
        assert_eq!(
            in_the_tree.clone().render_long_help().to_string(),
            verb.command().render_long_help().to_string()
        );
    }
}

#[test]
fn a_bare_hot_verb_is_an_empty_parse() {
    let matches = parser(find(&["ghp".into(), "heartbeat".into()]))
        .try_get_matches_from(["ghp", "heartbeat"])
        .expect("parses");
    let (_, inner) = chosen(&matches).expect("a verb");
    let parsed = c::heartbeat::Args::from_arg_matches(inner).expect("no arguments");
    assert_eq!(
        format!("{parsed:?}"),
        format!("{:?}", c::heartbeat::Args::default())
    );
    let matches = parser(find(&["ghp".into(), "status".into()]))
        .try_get_matches_from(["ghp", "status"])
        .expect("parses");
    let (_, inner) = chosen(&matches).expect("a verb");
    let parsed = c::status::Args::from_arg_matches(inner).expect("no arguments");
    assert_eq!(
        format!("{parsed:?}"),
        format!("{:?}", c::status::Args::default())
    );
}

#[test]
fn quickly_or_through_the_tree_it_is_the_same() {
    let mut quickly = 0;
    for line in [
        "ghp heartbeat --agent a -m words",
        "ghp --json status set testing -m x -i 3",
        "ghp status worker-1 --stale",
        "ghp status set",
        "ghp agent-status set blocked --blocked-on 3 --blocked-on 4",
        "ghp status -i 3 set",
        "ghp status rm a -q",
        "ghp config get mainBranch -C x",
        "ghp config",
        "ghp config nonsense",
        "ghp -- status",
        "ghp status -- set",
        "ghp status -- worker-1",
        "ghp heartbeat --help",
        "ghp heartbeat --nonsense",
        "ghp heartbeat extra",
        "ghp -m x heartbeat",
        "ghp --color=never status -v",
        "ghp heartbeat --every=2m",
        "ghp heartbeat --pid 3",
        "ghp log -n 3 --by a",
        "ghp heartbeat -m - --json",
        "ghp heartbeat -m --json",
        "ghp heartbeat -m -x -t a",
        "ghp status --version",
        "ghp status set -m --json testing",
        "ghp status set -m -t testing -i 3",
        "ghp status set testing -m=-q -v",
        "ghp status set -im --json",
    ] {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let found = find(&words);
        let Some((globals, Quick::Parsed(verb, matches))) = quick(&words) else {
            continue;
        };
        quickly += 1;
        let tree = parser(found)
            .try_get_matches_from(&words)
            .unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(
            format!("{globals:?}"),
            format!("{:?}", Globals::from_matches(&tree).expect(line)),
            "{line}"
        );
        let (mut chosen, mut inner) = chosen(&tree).expect(line);
        if let Some((name, deeper)) = inner.subcommand() {
            (chosen, inner) = (
                chosen.subs.iter().find(|sub| sub.name == name).expect(line),
                deeper,
            );
        }
        assert_eq!(verb.name, chosen.name, "{line}");
        for arg in (verb.args)(Command::new("x")).get_arguments() {
            let id = arg.get_id().as_str();
            let raw = |matches: &ArgMatches| {
                matches
                    .get_raw(id)
                    .map(|values| values.map(ToOwned::to_owned).collect::<Vec<_>>())
            };
            assert_eq!(raw(&matches), raw(inner), "{line}: {id}");
        }
    }
    assert!(quickly >= 10, "{quickly} were quick");
    // The tree takes the word behind them for an agent's name.
    for line in [
        "ghp status -t a set testing",
        "ghp status --json set testing",
    ] {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let Some((_, Quick::Parsed(verb, _))) = quick(&words) else {
            panic!("{line} is not quick");
        };
        assert_eq!(verb.name, "set", "{line}");
    }
}

#[test]
fn global_options_before_the_verb_do_not_hide_it() {
    let words = ["ghp", "-C", "status", "--agent", "x", "--json", "heartbeat"].map(str::to_owned);
    assert_eq!(find(&words).map(|verb| verb.name), Some("heartbeat"));
    assert!(find(&["ghp".to_owned(), "--help".to_owned()]).is_none());
}

/// Verbs that are not for programs, and why.
const FOR_PEOPLE: [(&str, &str); 21] = [
    ("init", "sets up a repository"),
    ("install", "sets up a machine"),
    ("trust", "a person decides what a repository may run"),
    ("demo", "plays on a terminal"),
    ("monitor", "stays while a program runs"),
    ("workflow run", "stays until the run ends"),
    ("workflow resume", "stays until the run ends"),
    ("filter", "git runs it"),
    ("merge-driver", "git runs it"),
    ("diff-driver", "git runs it"),
    ("hook", "harnesses run it"),
    ("hook git", "git runs it"),
    ("mcp", "clients run it"),
    ("editor", "a harness runs it on a terminal"),
    ("session attach", "joins a person's terminal"),
    ("session turn", "a session runs it"),
    ("task receive", "reads a mail on standard input"),
    ("task reply", "a mail leaves by a person's command"),
    ("help", "a page"),
    ("completions", "a page"),
    ("man", "a page"),
];

/// Every verb that does something, with its words.
fn leaves(verbs: &'static [Verb], above: &str) -> Vec<(String, &'static Verb)> {
    let each = verbs.iter().flat_map(|verb| {
        let words = format!("{above}{}", verb.name);
        let mut leaves = leaves(verb.subs, &format!("{words} "));
        if verb.run.is_some() {
            leaves.push((words, verb));
        }
        leaves
    });
    each.collect()
}

#[test]
fn every_verb_is_for_programs_too_or_says_why_not() {
    let about = |verb: &Verb| {
        let command = (verb.args)(Command::new("x"));
        command
            .get_about()
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    let for_programs: Vec<String> = c::call::CALLS.iter().map(c::call::Call::about).collect();
    for (words, verb) in leaves(VERBS, "") {
        let is_for_programs = for_programs.contains(&about(verb));
        let is_for_people = FOR_PEOPLE.iter().any(|(name, _)| *name == words);
        assert!(
            is_for_programs != is_for_people,
            "{words}: give it a row in src/commands/call/table.rs, or say above why it is not for programs"
        );
    }
    for call in c::call::CALLS {
        let known = leaves(VERBS, "")
            .iter()
            .any(|(_, verb)| about(verb) == call.about());
        assert!(known, "{} is no verb", call.name);
    }
}
