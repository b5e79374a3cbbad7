use serde_json::{Value, json};

use super::{Program, RunError, natives::MAX_WORK};

fn run(code: &str, input: Value) -> Result<Value, RunError> {
    Program::compile(code).unwrap().run(input)
}

#[test]
fn programs_give_what_jq_gives() {
    let order =
        json!({"parcels": [{"n": 2, "tags": ["b", "a"]}, {"n": 1, "tags": []}], "key": "n"});
    for (code, expected) in [
        (".parcels[0].n", json!(2)),
        ("[.parcels[].n]", json!([2, 1])),
        ("[.parcels[][.key]]", json!([2, 1])),
        ("[.parcels[].tags[]]", json!(["b", "a"])),
        ("[.parcels[].tags[]?]", json!(["b", "a"])),
        (".parcels | map(.n) | add", json!(3)),
        (".parcels | sort_by(.n) | map(.n)", json!([1, 2])),
        (
            "[.parcels[] | select(.n > 1) | .tags | join(\"-\")]",
            json!(["b-a"]),
        ),
        ("[] | join(\",\")", json!("")),
        ("[null, 1, \"x\"] | join(\",\")", json!(",1,x")),
        (".parcels[0].n += 5 | .parcels[0].n", json!(7)),
        (".parcels[].n |= . * 2 | [.parcels[].n]", json!([4, 2])),
        ("del(.parcels) | keys", json!(["key"])),
        ("[.. | numbers]", json!([2, 1])),
        ("reduce .parcels[] as {n: $n} (0; . + $n)", json!(3)),
        (
            "[foreach .parcels[] as $p (0; . + $p.n; . * 10)]",
            json!([20, 30]),
        ),
        (
            "def double($x): $x + $x; def twice(f): f | f; double(1) | twice(. + 1)",
            json!(4),
        ),
        ("def map(f): 5; map(.)", json!(5)),
        ("(.missing.deep // \"none\")", json!("none")),
        ("try error(\"x\") catch .", json!("x")),
        ("[(1, error(\"x\"), 3)?]", json!([1])),
        ("[limit(3; range(10))]", json!([0, 1, 2])),
        (
            "[range(0; 10; 4)] + [range(3; 0; -2)]",
            json!([0, 4, 8, 3, 1]),
        ),
        ("first(.parcels[] | .n)", json!(2)),
        ("\"a \\(.key) b\"", json!("a n b")),
        ("@uri \"q=\\(.key + \" &\")\"", json!("q=n%20%26")),
        ("\"20260305\" | test(\"^[0-9]{8}$\")", json!(true)),
        (
            "\"20260305\" | capture(\"^(?<y>[0-9]{4})\").y",
            json!("2026"),
        ),
        ("\"a-b\" | gsub(\"-\"; \"+\")", json!("a+b")),
        (
            "\"20260305T081500\" | strptime(\"%Y%m%dT%H%M%S\") | strftime(\"%Y-%m-%d %H:%M:%S\")",
            json!("2026-03-05 08:15:00"),
        ),
        ("\"12\" | tonumber", json!(12)),
        ("\"[1,2]\" | fromjson | length", json!(2)),
        ("\"abc\" | contains(\"b\")", json!(true)),
        ("{a: {b: 1}} * {a: {c: 2}} | .a | length", json!(2)),
        ("9007199254740993 * 1", json!(9_007_199_254_740_993_i64)),
        ("with_entries(select(.key == \"key\"))", json!({"key": "n"})),
        ("{key} + {\"a\\(.key)\": 1}", json!({"key": "n", "an": 1})),
        (
            "label $out | foreach (1, 2, 3) as $i (0; . + $i; if . > 2 then ., break $out else empty end)",
            json!(3),
        ),
        ("[.parcels[] | select(.n > 1)] | length", json!(1)),
        (
            "del(.parcels[] | select(.n > 1)) | .parcels | length",
            json!(1),
        ),
        (
            "(.parcels[] | select(.n > 1) | .n) |= 7 | [.parcels[].n]",
            json!([7, 1]),
        ),
        (
            "[null, true, 1, \"a\", [], {}] | map(type) | join(\" \")",
            json!("null boolean number string array object"),
        ),
        (
            "[null, false, 0, \"\"] | map(not)",
            json!([true, true, false, false]),
        ),
        ("[(1, 2), 3, (4 | ., .)]", json!([1, 2, 3, 4, 4])),
        ("[\"aXbX\" | scan(\"[a-z]\")]", json!(["a", "b"])),
        ("nan", Value::Null),
    ] {
        let outcome = Program::compile(code).map(|program| program.run(order.clone()));
        if code == "nan" {
            assert!(outcome.is_err());
        } else {
            assert_eq!(outcome.unwrap(), Ok(expected), "{code}");
        }
    }
}

#[test]
fn exactly_one_output_is_taken() {
    assert_eq!(run("empty", json!(1)), Err(RunError::Nothing));
    assert_eq!(run("1, 2", json!(1)), Err(RunError::Several));
    let failed = run(".a.b", json!({"a": "secret"})).unwrap_err();
    assert!(matches!(failed, RunError::Failed(_)), "{failed:?}");
}

#[test]
fn programs_that_need_not_end_are_refused() {
    for (code, line, word) in [
        ("def f: f; f", 1, "`f` calls itself"),
        ("def f: .,\n (1 | f);\nf", 2, "`f` calls itself"),
        ("def f: def g: f; g; f", 1, "`f` calls itself"),
        ("def f(x): x; def h: f(h); h", 1, "`h` calls itself"),
        ("def f($x): f($x - 1); f(3)", 1, "`f` calls itself"),
        ("def a: b; def b: a; a", 1, "`b/0` is not offered"),
        ("[recurse(. + 1)]", 1, "`recurse/1` is not offered"),
        ("repeat(.)", 1, "`repeat/1`"),
        ("while(true; .)", 1, "`while/2`"),
        ("until(false; .)", 1, "`until/2`"),
        ("[.[] | combinations]", 1, "`combinations/0`"),
        ("input", 1, "`input/0`"),
        ("[inputs]", 1, "`inputs/0`"),
        ("now", 1, "`now/0`"),
        ("env", 1, "`env/0`"),
        ("$ENV", 1, "`$ENV` is not defined"),
        ("debug", 1, "`debug/0`"),
        ("halt", 1, "`halt/0`"),
        ("\"\\(now)\"", 1, "`now/0`"),
        ("@sh \"\\(.)\"", 1, "`@sh` is not offered"),
        ("{(now): 1}", 1, "`now/0`"),
        (". as {(now): $x} | $x", 1, "`now/0`"),
        (".[now]", 1, "`now/0`"),
        ("reduce now as $x (0; .)", 1, "`now/0`"),
        ("import \"a\" as a; .", 1, "expected"),
        ("include \"a\"; .", 1, "expected"),
        (". |", 1, "expected term"),
        (".\n\n| (1 +", 3, "expected"),
        ("{", 1, "expected"),
    ] {
        let refused = Program::compile(code)
            .err()
            .unwrap_or_else(|| panic!("{code}"));
        assert_eq!(refused.line, Some(line), "{code}: {refused}");
        assert!(refused.reason.contains(word), "{code}: {refused}");
    }
}

#[test]
fn programs_that_would_take_ages_or_all_memory_stop() {
    for code in [
        "[range(1000000000)] | length",
        "last(range(1000000000))",
        "reduce range(100) as $i (\"x\"; . + .)",
        "reduce range(100) as $i (\"x\"; \"\\(.)\\(.)\")",
        "reduce range(100) as $i ([1]; . + .)",
        "reduce range(100) as $i (1; [., .]) | tojson",
        "reduce range(100) as $i (1; {a: ., b: .})",
        "reduce range(1000000) as $i (1; [.])",
        "reduce range(1000000) as $i ({}; .a = .)",
        "reduce range(1000000) as $i ([1]; group_by(.))",
        "reduce range(100) as $i (\"x\"; . += .)",
        "[range(10000)] as $a | [$a[] as $x | $a[] as $y | $x + $y] | length",
        "[range(10000)] as $a | [$a[] == $a[]] | length",
        "[range(10000)] as $a | [{a: $a[], b: $a[]}] | length",
        "[range(100000)] as $a | [range(100000) | try ($a | error) catch 1]",
        "def a: ., .; def b: a | a | a | a; def c: b | b | b | b; [c | c | c | c] | length",
        "def t(f): f | f | f | f; [t(t(t(t(t(t(t(t(t(t(t(t(t(t(.))))))))))))))] | length",
        &format!("[{}] | length", ["(1, 2)"; 60].join(" | ")),
        &format!(
            "{}[{}] | length",
            (1..40).fold("def a0: ., .; ".to_owned(), |code, n| {
                format!("{code}def a{n}: a{} | a{}; ", n - 1, n - 1)
            }),
            "a39"
        ),
        &format!(
            "{}a99",
            (1..100).fold("def a0: .; ".to_owned(), |code, n| {
                format!("{code}def a{n}: a{} | a{}; ", n - 1, n - 1)
            }),
        ),
        "[range(4096) | \"ab\"][:2000] | add as $s | [$s | scan(\".\") as $a | $s | scan(\".\") as $b | $s | scan(\".\")] | length",
        "[try (range(1000000000)) catch 0] | length",
        "(range(1000000000) | select(. < 0)) // 1",
        "[range(1000000000) | try error catch empty]",
        "[range(100000) | tostring] | join([range(100000) | tostring] | join(\"\"))",
        "reduce range(1000) as $i ([.]; [.[], .[]]) | length",
        "any(range(1000000000); false)",
        "[range(3000)] as $a | [$a[] | $a | map($a | map(. + 1))] | length",
        "[range(3000)] as $a | any($a[]; $a | any($a | any(false)))",
        "[range(3000)] as $a | $a | map($a | map($a | map(empty))) | length",
    ] {
        // A tenth of the allowance shows the same and keeps the test short.
        let program = Program::compile(code).unwrap();
        let outcome = program.run_within(MAX_WORK / 10, json!({"a": 1}));
        assert_eq!(outcome, Err(RunError::TooMuchWork), "{code}");
    }
}

#[test]
fn what_cannot_be_metered_is_refused_when_it_is_met() {
    for code in [
        "\"x\" * 1000000000",
        "1000000000 * \"x\"",
        "\"x\" | test(\"((a{1000}){1000}){1000}\")",
        "[range(5000) | \"ab\"] | add | test(\"b\")",
        "[range(5000) | \"12\"] | add | tonumber",
        "[[[1]]] | contains([1])",
        "9000000000000000 | todate",
        "[2026, 127, 1, 0, 0, 0] | mktime",
        "\"\\([range(100) | \"[\"] | add)\\([range(100) | \"]\"] | add)\" | fromjson",
    ] {
        let outcome = run(code, Value::Null);
        assert!(
            matches!(outcome, Err(RunError::Failed(_))),
            "{code}: {outcome:?}"
        );
    }
    // Numbers grow into floats, never into memory.
    let squares = run(
        "reduce range(100) as $i (3; . * .) | isinfinite",
        Value::Null,
    );
    assert_eq!(squares, Ok(json!(true)));
}

#[test]
fn a_program_of_absurd_shape_is_refused_and_never_crashes() {
    for code in [
        "(".repeat(10_000),
        "[".repeat(60_000),
        ".|".repeat(20_000) + ".",
        "1+".repeat(20_000) + "1",
        "-".repeat(20_000) + "1",
        "try ".repeat(10_000) + ".",
        "def a: ".repeat(5_000) + "1",
        "if . then ".repeat(5_000),
        ".a".repeat(20_000) + "|now",
        "#".repeat(70_000),
    ] {
        assert!(Program::compile(&code).is_err());
    }
}

#[test]
fn programs_are_shared_between_threads() {
    let program = Program::compile(".n + 1").unwrap();
    std::thread::scope(|scope| {
        for n in 0..4 {
            let program = &program;
            scope.spawn(move || assert_eq!(program.run(json!({"n": n})), Ok(json!(n + 1))));
        }
    });
}
