//! What a sub-status is called in other languages than English, as a table.

use crate::SubStatus;

/// The languages of the table (ISO 639-1), in the order of its columns.
const LANGUAGES: [&str; 10] = ["de", "fr", "es", "it", "nl", "pt", "pl", "sv", "ja", "zh"];

/// English texts, and the same in each language.
#[rustfmt::skip]
const PHRASES: &[(&str, [&str; 10])] = &[
    ("Pending", ["Ausstehend", "En attente", "Pendiente", "In attesa", "In afwachting", "Pendente", "Oczekuje", "Väntar", "情報待ち", "待处理"]),
    ("Info Received", ["Sendungsdaten erhalten", "Informations reçues", "Información recibida", "Informazioni ricevute", "Gegevens ontvangen", "Informações recebidas", "Otrzymano dane przesyłki", "Information mottagen", "発送情報を受信", "已收到信息"]),
    ("In Transit", ["Unterwegs", "En transit", "En tránsito", "In transito", "Onderweg", "Em trânsito", "W drodze", "På väg", "輸送中", "运输中"]),
    ("Acceptance scan", ["Vom Zusteller übernommen", "Pris en charge par le transporteur", "Aceptado por el transportista", "Preso in carico dal corriere", "Aangenomen door de vervoerder", "Aceito pela transportadora", "Przyjęto przez przewoźnika", "Mottagen av transportören", "荷受け済み", "已揽收"]),
    ("Arrival scan", ["In der Anlage angekommen", "Arrivé au centre", "Llegada al centro", "Arrivato al centro", "Aangekomen in het depot", "Chegou à unidade", "Dotarło do oddziału", "Ankommit till terminalen", "施設に到着", "已到达网点"]),
    ("Arrived at the destination country", ["Im Zielland angekommen", "Arrivé dans le pays de destination", "Llegada al país de destino", "Arrivato nel paese di destinazione", "Aangekomen in het land van bestemming", "Chegou ao país de destino", "Dotarło do kraju docelowego", "Ankommit till destinationslandet", "目的国に到着", "已到达目的国"]),
    ("Customs clearance completed", ["Zollabfertigung abgeschlossen", "Dédouanement terminé", "Despacho de aduanas finalizado", "Sdoganamento completato", "Inklaring voltooid", "Desembaraço aduaneiro concluído", "Zakończono odprawę celną", "Tullklarering slutförd", "通関手続き完了", "清关完成"]),
    ("Customs clearance started", ["Zollabfertigung begonnen", "Dédouanement en cours", "Despacho de aduanas iniciado", "Sdoganamento iniziato", "Inklaring gestart", "Desembaraço aduaneiro iniciado", "Rozpoczęto odprawę celną", "Tullklarering påbörjad", "通関手続き開始", "清关开始"]),
    ("Departure Scan", ["Anlage verlassen", "Parti du centre", "Salida del centro", "Partito dal centro", "Vertrokken uit het depot", "Saiu da unidade", "Opuściło oddział", "Lämnat terminalen", "施設を出発", "已离开网点"]),
    ("Problem resolved", ["Problem gelöst", "Problème résolu", "Problema resuelto", "Problema risolto", "Probleem opgelost", "Problema resolvido", "Problem rozwiązany", "Problemet är löst", "問題解決済み", "问题已解决"]),
    ("Forwarded to a different delivery address", ["An eine andere Adresse weitergeleitet", "Réacheminé vers une autre adresse", "Reenviado a otra dirección", "Inoltrato a un altro indirizzo", "Doorgestuurd naar een ander adres", "Encaminhado para outro endereço", "Przekierowano na inny adres", "Vidaresänd till en annan adress", "別の住所へ転送", "已转寄至其他地址"]),
    ("Out for Delivery", ["In Zustellung", "En cours de livraison", "En reparto", "In consegna", "Wordt bezorgd", "Saiu para entrega", "W doręczeniu", "Ute för leverans", "配達中", "派送中"]),
    ("Customer contacted", ["Empfänger benachrichtigt", "Destinataire contacté", "Destinatario contactado", "Destinatario contattato", "Ontvanger benaderd", "Destinatário contatado", "Skontaktowano się z odbiorcą", "Mottagaren kontaktad", "お届け先に連絡済み", "已联系收件人"]),
    ("Delivery appointment scheduled", ["Zustelltermin vereinbart", "Rendez-vous de livraison fixé", "Entrega programada", "Consegna programmata", "Bezorgafspraak gemaakt", "Entrega agendada", "Umówiono termin doręczenia", "Leverans bokad", "配達日時指定済み", "已预约派送"]),
    ("Failed Attempt", ["Zustellversuch erfolglos", "Tentative de livraison échouée", "Intento de entrega fallido", "Tentativo di consegna fallito", "Bezorgpoging mislukt", "Tentativa de entrega sem sucesso", "Nieudana próba doręczenia", "Misslyckat leveransförsök", "配達できませんでした", "派送失败"]),
    ("Addressee not available", ["Empfänger nicht angetroffen", "Destinataire absent", "Destinatario ausente", "Destinatario assente", "Ontvanger niet aanwezig", "Destinatário ausente", "Odbiorca nieobecny", "Mottagaren inte hemma", "ご不在", "收件人不在"]),
    ("Business Closed", ["Geschäft geschlossen", "Établissement fermé", "Establecimiento cerrado", "Esercizio chiuso", "Bedrijf gesloten", "Estabelecimento fechado", "Firma zamknięta", "Företaget stängt", "休業中", "商户已关门"]),
    ("Available for pickup", ["Abholbereit", "Disponible en point de retrait", "Disponible para recogida", "Pronto per il ritiro", "Klaar om af te halen", "Disponível para retirada", "Gotowe do odbioru", "Klar att hämta", "受け取り可能", "待取件"]),
    ("Delivered", ["Zugestellt", "Livré", "Entregado", "Consegnato", "Bezorgd", "Entregue", "Doręczono", "Levererad", "配達完了", "已送达"]),
    ("Picked up by the customer", ["Vom Empfänger abgeholt", "Retiré par le destinataire", "Recogido por el destinatario", "Ritirato dal destinatario", "Afgehaald door de ontvanger", "Retirado pelo destinatário", "Odebrano przez odbiorcę", "Hämtad av mottagaren", "お客様が受け取り済み", "收件人已自提"]),
    ("Sign by customer", ["Gegen Unterschrift zugestellt", "Livré contre signature", "Entregado con firma", "Consegnato con firma", "Bezorgd tegen handtekening", "Entregue com assinatura", "Doręczono za podpisem", "Levererad mot underskrift", "署名のうえ配達完了", "收件人已签收"]),
    ("Delivered and received cash on delivery", ["Zugestellt, Nachnahme bezahlt", "Livré, contre-remboursement encaissé", "Entregado, contra reembolso cobrado", "Consegnato, contrassegno incassato", "Bezorgd, rembours betaald", "Entregue, pagamento na entrega recebido", "Doręczono, pobranie opłacone", "Levererad, postförskott betalt", "代金引換で配達完了", "已送达并收取货款"]),
    ("Delivered to neighbor", ["Beim Nachbarn abgegeben", "Remis à un voisin", "Entregado a un vecino", "Consegnato a un vicino", "Bij de buren bezorgd", "Entregue ao vizinho", "Doręczono sąsiadowi", "Lämnad hos granne", "隣人に配達済み", "已由邻居代收"]),
    ("Exception", ["Zustellproblem", "Incident", "Incidencia", "Anomalia", "Probleem met de zending", "Ocorrência", "Problem z przesyłką", "Avvikelse", "配送トラブル", "异常"]),
    ("Customer moved", ["Empfänger verzogen", "Destinataire déménagé", "Destinatario mudado", "Destinatario trasferito", "Ontvanger verhuisd", "Destinatário mudou-se", "Odbiorca przeprowadził się", "Mottagaren har flyttat", "転居済み", "收件人已搬迁"]),
    ("Customer refused delivery", ["Annahme verweigert", "Refusé par le destinataire", "Rechazado por el destinatario", "Rifiutato dal destinatario", "Geweigerd door de ontvanger", "Recusado pelo destinatário", "Odbiorca odmówił przyjęcia", "Mottagaren vägrade ta emot", "受け取り拒否", "收件人拒收"]),
    ("Delayed (Customs clearance)", ["Verzögert (Zollabfertigung)", "Retardé (dédouanement)", "Retrasado (aduanas)", "In ritardo (dogana)", "Vertraagd (douane)", "Atrasado (alfândega)", "Opóźnienie (odprawa celna)", "Försenad (tullklarering)", "遅延（通関）", "延误（清关）"]),
    ("Delayed (External factors)", ["Verzögert (äußere Umstände)", "Retardé (causes externes)", "Retrasado (causas externas)", "In ritardo (cause esterne)", "Vertraagd (externe oorzaken)", "Atrasado (fatores externos)", "Opóźnienie (czynniki zewnętrzne)", "Försenad (yttre omständigheter)", "遅延（外的要因）", "延误（外部因素）"]),
    ("Held for payment", ["Wartet auf Zahlung", "En attente de paiement", "Retenido por pago pendiente", "In attesa di pagamento", "Wacht op betaling", "Aguardando pagamento", "Oczekuje na płatność", "Väntar på betalning", "支払い待ち", "待付款"]),
    ("Incorrect Address", ["Falsche Adresse", "Adresse incorrecte", "Dirección incorrecta", "Indirizzo errato", "Onjuist adres", "Endereço incorreto", "Błędny adres", "Felaktig adress", "住所不備", "地址有误"]),
    ("Pick up missed", ["Nicht abgeholt", "Non retiré", "No recogido", "Non ritirato", "Niet afgehaald", "Não retirado", "Nie odebrano", "Inte hämtad", "受け取り期限切れ", "未按时取件"]),
    ("Rejected by carrier", ["Vom Zusteller abgelehnt", "Refusé par le transporteur", "Rechazado por el transportista", "Rifiutato dal corriere", "Geweigerd door de vervoerder", "Recusado pela transportadora", "Odrzucono przez przewoźnika", "Avvisad av transportören", "運送会社が引き受け拒否", "承运商拒收"]),
    ("Returning to sender", ["Auf dem Rückweg zum Absender", "En retour vers l'expéditeur", "En devolución al remitente", "In restituzione al mittente", "Retour naar afzender", "Em devolução ao remetente", "W drodze powrotnej do nadawcy", "På väg tillbaka till avsändaren", "差出人へ返送中", "正在退回寄件人"]),
    ("Returned to sender", ["An den Absender zurückgegeben", "Retourné à l'expéditeur", "Devuelto al remitente", "Restituito al mittente", "Terug bij de afzender", "Devolvido ao remetente", "Zwrócono nadawcy", "Åter hos avsändaren", "差出人へ返送済み", "已退回寄件人"]),
    ("Shipment damage", ["Sendung beschädigt", "Envoi endommagé", "Envío dañado", "Spedizione danneggiata", "Zending beschadigd", "Remessa danificada", "Przesyłka uszkodzona", "Försändelsen skadad", "荷物の破損", "包裹损坏"]),
    ("Shipment lost", ["Sendung verloren", "Envoi perdu", "Envío perdido", "Spedizione smarrita", "Zending verloren", "Remessa extraviada", "Przesyłka zaginęła", "Försändelsen förlorad", "荷物の紛失", "包裹丢失"]),
    ("Delayed (Processing issue)", ["Verzögert (Bearbeitung)", "Retardé (traitement)", "Retrasado (procesamiento)", "In ritardo (lavorazione)", "Vertraagd (verwerking)", "Atrasado (processamento)", "Opóźnienie (przetwarzanie)", "Försenad (hantering)", "遅延（処理の問題）", "延误（处理问题）"]),
    ("Delayed (Extreme weather)", ["Verzögert (Unwetter)", "Retardé (intempéries)", "Retrasado (mal tiempo)", "In ritardo (maltempo)", "Vertraagd (noodweer)", "Atrasado (mau tempo)", "Opóźnienie (warunki pogodowe)", "Försenad (oväder)", "遅延（悪天候）", "延误（极端天气）"]),
    ("Incorrect / missing documents", ["Papiere fehlen oder sind falsch", "Documents incorrects ou manquants", "Documentos incorrectos o incompletos", "Documenti errati o mancanti", "Documenten onjuist of ontbreken", "Documentos incorretos ou em falta", "Błędne lub brakujące dokumenty", "Felaktiga eller saknade dokument", "書類不備", "文件有误或缺失"]),
    ("Delayed (Late flight)", ["Verzögert (Flug verspätet)", "Retardé (vol en retard)", "Retrasado (vuelo con retraso)", "In ritardo (volo in ritardo)", "Vertraagd (vlucht vertraagd)", "Atrasado (voo atrasado)", "Opóźnienie (opóźniony lot)", "Försenad (försenat flyg)", "遅延（フライトの遅れ）", "延误（航班延误）"]),
    ("Shipment cancelled", ["Sendung storniert", "Envoi annulé", "Envío cancelado", "Spedizione annullata", "Zending geannuleerd", "Remessa cancelada", "Przesyłka anulowana", "Försändelsen avbokad", "出荷キャンセル", "包裹已取消"]),
    ("Shipment disposed", ["Sendung entsorgt", "Envoi détruit", "Envío destruido", "Spedizione distrutta", "Zending vernietigd", "Remessa descartada", "Przesyłka zutylizowana", "Försändelsen kasserad", "荷物は廃棄済み", "包裹已销毁"]),
    ("Expired", ["Abgelaufen", "Expiré", "Caducado", "Scaduto", "Verlopen", "Expirado", "Wygasło", "Utgången", "期限切れ", "已过期"]),
];

impl SubStatus {
    /// What it is called in a language (ISO 639-1, lower case); `None` where we have no words for it.
    pub fn phrase(self, language: &str) -> Option<&'static str> {
        if language == "en" {
            return Some(self.message());
        }
        let column = LANGUAGES.iter().position(|known| *known == language)?;
        let (_, phrases) = PHRASES
            .iter()
            .find(|(english, _)| *english == self.message())?;
        phrases.get(column).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sub_status_has_words_in_every_language() {
        for sub_status in SubStatus::ALL {
            for language in LANGUAGES.iter().chain(&["en"]) {
                let phrase = sub_status.phrase(language);
                assert!(
                    phrase.is_some_and(|phrase| !phrase.is_empty()),
                    "{sub_status} in {language}"
                );
            }
            assert_eq!(sub_status.phrase("eo"), None);
        }
        assert_eq!(SubStatus::DELIVERED_001.phrase("fr"), Some("Livré"));
        assert_eq!(SubStatus::DELIVERED_001.phrase("en"), Some("Delivered"));
    }
}
