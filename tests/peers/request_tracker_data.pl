# What onboarding needs of Request Tracker: a queue, a field that holds our key, and a user with a token and no more rights.
@Queues = ({ Name => 'Onboarding', Description => 'Technical onboarding of partners' });
@CustomFields = ({
  Name => 'CaseRef', Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket', Queue => ['Onboarding'],
});
@Users = ({ Name => 'onboarding', RealName => 'Onboarding', Privileged => 1 });
@ACL = map { { UserId => 'onboarding', Queue => 'Onboarding', Right => $_ } } qw(
  SeeQueue CreateTicket ShowTicket ShowTicketComments ModifyTicket ReplyToTicket CommentOnTicket
  SeeCustomField ModifyCustomField SetInitialCustomField
);
push @ACL, { UserId => 'onboarding', Right => 'AdminUsers' };
@Final = (sub {
  my $user = RT::User->new(RT->SystemUser);
  $user->Load('onboarding');
  my ($made, $words, $token) = RT::AuthToken->new(RT->SystemUser)->Create(Owner => $user->id, Description => 'onboarding');
  die $words unless $made;
  open my $file, '>', $ENV{RT_TOKEN_FILE} or die $!;
  print $file $token;
  close $file;
});
