# The Correios' token for a posting card.
{
  method: "POST",
  url: "https://api.correios.com.br/token/v1/autentica/cartaopostagem",
  headers: {
    "Content-Type": "application/json",
    Accept: "application/json",
    Authorization: ("Basic " + ("\(.credentials.username):\(.credentials.access_code)" | @base64))
  },
  body: {numero: .credentials.posting_card}
}
