# {status, headers, body, query} -> what the answer says
if .status == 404 then
  {unknown: "the courier does not know the number"}
else
  {
    shipments: [
      {
        checkpoints: [
          .body.events[]
          | {
              time: .at,
              code: .code,
              codes: [["event", .code]],
              message: .text,
              location: .place
            }
        ]
      }
    ]
  }
end
