//! What needs no data: the command line, the configuration, completions.

use super::setup::setup;

#[test]
fn init_writes_a_configuration_once() {
    let folder = setup("init");
    let ran = folder.run("init").ok();
    assert!(ran.stdout().contains("isegnet check isegnet.toml"));
    assert!(folder.read("isegnet.toml").contains("[genome]"));
    folder.run("init").code(2).says(&["isegnet.toml exists", "--overwrite"]);
    folder.run("init --overwrite").ok();
    let ran = folder.run("--json init other.toml").ok();
    assert_eq!(ran.json()[0]["event"], "written");
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    let folder = setup("usage");
    folder.run("chek isegnet.toml").code(2).says(&["check"]);
    folder.run("").code(2);
    folder.run("--threads 0 init").code(2).says(&["whole number from 1"]);
    let help = folder.run("--help").ok();
    assert!(help.stdout().contains("Exit codes:"));
    assert!(folder.run("--version").ok().stdout().starts_with("isegnet "));
}

#[test]
fn completions_name_the_commands() {
    let folder = setup("completions");
    for shell in ["bash", "zsh", "fish"] {
        let ran = folder.run(&format!("completions {shell}")).ok();
        assert!(ran.stdout().contains("prepare"), "{shell}");
    }
}

#[test]
fn a_missing_configuration_names_the_way_to_a_new_one() {
    let folder = setup("no-config");
    folder.run("check isegnet.toml").code(2).says(&["isegnet.toml cannot be read", "isegnet init"]);
}

#[test]
fn every_problem_of_a_configuration_is_told_at_once() {
    let folder = setup("bad-config");
    folder.write(
        "isegnet.toml",
        "[genome]\ngene = \"a.gtf\"\n[expression]\npath = \"e.tsv\"\n[[track]]\nname = \"x\"\n\
         path = \"x.bw\"\nscale = \"max-min\"\n",
    );
    let ran = folder.run("check isegnet.toml").code(2).says(&[
        "isegnet.toml has 3 problems",
        "line 2, [genome]: unknown field \"gene\"; did you mean \"genes\"?",
        "line 8, [[track]] 1, scale: unknown value \"max-min\"",
        "add genes =",
    ]);
    assert_eq!(ran.stdout(), "");
    let ran = folder.run("check isegnet.toml --json").code(2);
    assert_eq!(ran.json()[0]["exit_code"], 2);
}
