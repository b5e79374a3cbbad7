//! Texts are understood, and faulty tables say where their fault is.

use super::*;

fn texts() -> Texts {
    let tables = [("phrases.csv", PHRASES), ("ways.csv", WAYS)];
    Texts::parse(CONCEPTS, RULES, &tables).unwrap()
}

#[test]
fn texts_are_understood_in_any_language_case_and_spelling() {
    let texts = texts();
    for (text, code) in [
        (
            "Your parcel was handed to a neighbour at no. 5",
            "Delivered_005",
        ),
        ("LIVRE CHEZ VOTRE VOISIN", "Delivered_005"),
        (
            "Sendung konnte wegen falscher Adresse nicht zugestellt werden",
            "Exception_007",
        ),
        ("Zadržano na carini, customs delay", "Exception_004"),
        (
            "El paquete no pudo ser entregado, destinatario ausente",
            "AttemptFail_002",
        ),
        ("Посылка вручена соседу", "Delivered_005"),
        ("包裹因台风延误", "Exception_017"),
        ("お荷物は税関で検査中です", "InTransit_006"),
        ("Delivered, front door", "Delivered_001"),
        ("not delivered", "AttemptFail_001"),
    ] {
        assert_eq!(
            texts.classify(text).map(SubStatus::code),
            Some(code),
            "{text}"
        );
    }
    for text in [
        "",
        "   ",
        "x7",
        "Quodlibet 17",
        "\u{0}\u{ffff}",
        &"é".repeat(10_000),
    ] {
        assert_eq!(texts.classify(text), None);
    }
}

#[test]
fn faults_name_their_table() {
    let parse = |concepts: &str, rules: &str, phrases: &str| {
        let table = |header: &str, rows: &str| format!("{header}\n{rows}");
        Texts::parse(
            &table("concept,words", concepts),
            &table("sub_status,concepts", rules),
            &[(
                "phrases.csv",
                &table("language,sub_status,phrases", phrases),
            )],
        )
        .err()
        .unwrap_or_default()
    };
    let fault = parse("a,b; c\n", "InTransit_001,d\n", "");
    assert_eq!(fault, "rules.csv: no concept `d`");
    let fault = parse("a,b; c\n", "InTransit_999,a\n", "");
    assert!(fault.starts_with("rules.csv: `InTransit_999`"), "{fault}");
    let fault = parse("a,b; c\n", "InTransit_001,a\n", "en,Pending_001,x\n");
    assert!(fault.starts_with("phrases.csv: "), "{fault}");
}
