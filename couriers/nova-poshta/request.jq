# Nova Poshta v2.0: one method for all, the key in the body.
(.query.numbers | length == 1) as $alone
| .query.tracking_key as $phone
| {
    method: "POST",
    url: "https://api.novaposhta.ua/v2.0/json/",
    headers: {"Content-Type": "application/json"},
    body: {
      apiKey: .credentials.api_key,
      modelName: "TrackingDocument",
      calledMethod: "getStatusDocuments",
      methodProperties: {
        Documents: [.query.numbers[] | {DocumentNumber: ., Phone: (if $alone then $phone // "" else "" end)}]
      }
    }
  }
