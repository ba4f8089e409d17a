"""What the shop promises, asked of the services that its templates make in a simulated account."""

from stackproof.simulate import Simulated


def test_an_order_can_be_put_and_taken(simulated: Simulated) -> None:
    sqs, url = simulated.client("sqs"), simulated.outputs("orders")["OrdersUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="one ticket")
    (order,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert order["Body"] == "one ticket"
